"""The campaign bridge: events on Kafka topics become marketing campaigns, each one once."""
