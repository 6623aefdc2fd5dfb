"""How a municipality pays a benefit: programme, roster, application, assessment, disbursement."""
