"""The sweep: finds what answers in whole subnets, so that the collectors read devices and not silence."""
