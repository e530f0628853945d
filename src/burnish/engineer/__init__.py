"""The engineer: decides, and never touches a sample. (Measurement, Target, wishes) -> Plan."""
