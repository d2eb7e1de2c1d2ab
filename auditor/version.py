"""The version that runs, audits and manifests name as the tool that made them."""

VERSION = "0.8.0"
