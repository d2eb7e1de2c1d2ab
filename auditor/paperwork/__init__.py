"""The paperwork: what each filing asks is data in `oui_rules/filings/`; here are only the values a network and its owner can give."""
