"""HEAD is GET without a body, for monitors."""

from tests.page import Browser


def test_head_has_the_headers_of_get_and_no_body(client: Browser) -> None:
    get, head = client.get("/"), client.head("/")
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == get.headers["content-type"]
    assert client.head("/no-such-page").status_code == 404
