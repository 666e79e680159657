"""登记: letters, telephone calls, meetings and lists become sendings with receipts."""
