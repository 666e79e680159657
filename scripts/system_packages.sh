#!/usr/bin/env bash
# What the tests need beside Python: Chromium, Chinese fonts, LibreOffice, poppler, PostgreSQL,
# and Dovecot, the mail server that reading a mailbox is tested against.
# As root on Debian it installs and starts what is missing; otherwise the tests say what they lack.
set -u

missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing+=(chromium)
fc-list ':lang=zh-cn' 2>/dev/null | grep -q . || missing+=(fonts-noto-cjk)
command -v soffice >/dev/null || missing+=(libreoffice-writer libreoffice-calc)
command -v pdftoppm >/dev/null || missing+=(poppler-utils)
[ -x /usr/sbin/dovecot ] || missing+=(dovecot-imapd)
if ! command -v psql >/dev/null || ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then
  missing+=(postgresql)
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  [ ${#missing[@]} -eq 0 ] || echo "缺少系统软件：${missing[*]}（相关测试会跳过并说明；CI=true 时算失败）" >&2
  exit 0
fi

if [ ${#missing[@]} -gt 0 ]; then
  echo "正在安装：${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q >/dev/null || true
  apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null || exit 1
fi

if ! pg_isready -q -h 127.0.0.1 -p 5432; then
  for cluster in /etc/postgresql/*/main; do
    [ -d "$cluster" ] || continue
    version=$(basename "$(dirname "$cluster")")
    conf="$cluster/pg_hba.conf"
    # The tests connect from this machine only, as the users named in the README.
    grep -q 'zhengxun tests' "$conf" || sed -i '1i host all all 127.0.0.1/32 trust # zhengxun tests' "$conf"
    pg_ctlcluster --skip-systemctl-redirect "$version" main start || true
  done
  for _ in $(seq 20); do pg_isready -q -h 127.0.0.1 -p 5432 && break; sleep 0.5; done
  for name in root test; do
    psql -q -h 127.0.0.1 -U postgres -c "CREATE ROLE root SUPERUSER LOGIN" 2>/dev/null || true
    psql -q -h 127.0.0.1 -U postgres -c "CREATE DATABASE $name" 2>/dev/null || true
  done
fi
exit 0
