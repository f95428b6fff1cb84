//! Pure: findings with evidence, one file per rule; ranking and suppression; the report.
