"""The demo's story: a company, its accounts, and findings that an auditor would believe."""
