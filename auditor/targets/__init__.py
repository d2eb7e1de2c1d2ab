"""What may be contacted, and with which credentials, by name.

config.find(folder, environ)  → paths        auditor.toml files, nearest first
config.load(paths)            → Config       credentials, sites, limits, options; nearer files win by name
select.select(words, config)  → Selection    spans of addresses with site, credentials and ports filled in
secrets.Vault(config, …)      → Secrets      fetches the secret behind a credential's name at the moment of use
"""
