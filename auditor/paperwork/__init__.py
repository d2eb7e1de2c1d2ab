"""The paperwork: filings are data; here are the values a network and its owner give."""
