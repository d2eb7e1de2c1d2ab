"""The version of this program: what runs, audits and manifests name as the tool that made them."""

VERSION = "0.2.0"
