"""Reading over SSH: listed show and display commands only, through netmiko."""
