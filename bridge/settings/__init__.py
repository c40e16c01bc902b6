"""Settings: what an operator decides. bridge.yaml and the environment become one frozen value."""

from bridge.settings.loading import load_settings, settings_of
from bridge.settings.model import (
    BrandSettings,
    BudgetSettings,
    DispatchSettings,
    HttpSettings,
    KafkaSettings,
    LogSettings,
    ReconcileSettings,
    RetentionSettings,
    Settings,
    TopicsSettings,
    VendorSettings,
)
from bridge.settings.registry import RegistrySettings

__all__ = [
    "BrandSettings",
    "BudgetSettings",
    "DispatchSettings",
    "HttpSettings",
    "KafkaSettings",
    "LogSettings",
    "ReconcileSettings",
    "RegistrySettings",
    "RetentionSettings",
    "Settings",
    "TopicsSettings",
    "VendorSettings",
    "load_settings",
    "settings_of",
]
