"""Settings: what an operator decides. bridge.yaml and the environment become one frozen value."""

from bridge.settings.kafka import KafkaSettings
from bridge.settings.loading import Loaded, load_settings, load_with_origins, settings_of
from bridge.settings.model import (
    BrandSettings,
    BudgetSettings,
    DispatchSettings,
    HttpSettings,
    LogSettings,
    ReconcileSettings,
    RetentionSettings,
    Settings,
    TopicsSettings,
    VendorSettings,
)
from bridge.settings.registry import RegistrySettings
from bridge.settings.tracing import TracingSettings

__all__ = [
    "BrandSettings",
    "BudgetSettings",
    "DispatchSettings",
    "HttpSettings",
    "KafkaSettings",
    "Loaded",
    "LogSettings",
    "ReconcileSettings",
    "RegistrySettings",
    "RetentionSettings",
    "Settings",
    "TopicsSettings",
    "TracingSettings",
    "VendorSettings",
    "load_settings",
    "load_with_origins",
    "settings_of",
]
