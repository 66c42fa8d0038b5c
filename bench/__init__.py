"""How fast Paystory is, each figure beside a yardstick of the same run; see bench/README.md."""
