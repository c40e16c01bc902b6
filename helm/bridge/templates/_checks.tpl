{{/* What no single value can tell: how they fit together. Each ends the rendering with what to do. */}}
{{- define "bridge.checks" -}}
{{- include "bridge.checkSources" . }}
{{- include "bridge.checkKeys" . }}
{{- include "bridge.checkMonitoring" . }}
{{- if not .Values.settingsFrom.configMap }}{{ include "bridge.checkTimes" . }}{{ end }}
{{- end }}

{{/* A duration as the settings have them, in milliseconds: (list "name" "20s") */}}
{{- define "bridge.milliseconds" -}}
{{- $name := index . 0 }}{{ $text := toString (index . 1) }}
{{- if not (regexMatch "^[0-9]+(ms|s|m|h|d)$" $text) }}
{{- fail (printf "settings.%s: %s is not a duration such as 250ms, 10s, 5m or 24h; the chart checks it, so it can't be a variable" $name $text) }}
{{- end }}
{{- $unit := regexFind "(ms|s|m|h|d)$" $text }}
{{- mul (trimSuffix $unit $text | int64) (get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000) $unit) }}
{{- end }}

{{- define "bridge.checkTimes" -}}
{{- $drainText := include "bridge.setting" (list . "20s" "dispatch" "drain_timeout") }}
{{- $sessionText := include "bridge.setting" (list . "10s" "kafka" "session_timeout") }}
{{- $rebalanceText := include "bridge.setting" (list . "60s" "kafka" "rebalance_timeout") }}
{{- $vendorText := include "bridge.setting" (list . "10s" "vendor" "timeout") }}
{{- $drain := include "bridge.milliseconds" (list "dispatch.drain_timeout" $drainText) | int64 }}
{{- $session := include "bridge.milliseconds" (list "kafka.session_timeout" $sessionText) | int64 }}
{{- $rebalance := include "bridge.milliseconds" (list "kafka.rebalance_timeout" $rebalanceText) | int64 }}
{{- $vendor := include "bridge.milliseconds" (list "vendor.timeout" $vendorText) | int64 }}
{{- $grace := mul (int64 .Values.terminationGracePeriodSeconds) 1000 }}
{{- if lt $grace (add $drain 10000) }}
{{- fail (printf "terminationGracePeriodSeconds: %d is too short: draining takes up to settings.dispatch.drain_timeout (%s), and leaving the groups up to 10 s more. A replica killed earlier leaves unknown calls" (int64 .Values.terminationGracePeriodSeconds) $drainText) }}
{{- end }}
{{- if le $drain $vendor }}
{{- fail (printf "settings.dispatch.drain_timeout: %s must be longer than settings.vendor.timeout (%s), or stopping cuts calls off" $drainText $vendorText) }}
{{- end }}
{{- if lt $rebalance $session }}
{{- fail (printf "settings.kafka.rebalance_timeout: %s must not be shorter than settings.kafka.session_timeout (%s)" $rebalanceText $sessionText) }}
{{- end }}
{{- if lt (mul (int64 .Values.minReadySeconds) 1000) $session }}
{{- fail (printf "minReadySeconds: %d is shorter than settings.kafka.session_timeout (%s): a rollout would go on before the group has noticed that a replica was lost" (int64 .Values.minReadySeconds) $sessionText) }}
{{- end }}
{{- $partitions := include "bridge.setting" (list . 12 "topics" "partitions") }}
{{- if gt (int64 .Values.replicas) (int64 $partitions) }}
{{- fail (printf "replicas: %d is more than settings.topics.partitions (%s): the rest would have nothing to do" (int64 .Values.replicas) $partitions) }}
{{- end }}
{{- if lt (include "bridge.httpPort" . | int64) 1024 }}
{{- fail "settings.http.port: must be 1024 or above: probes need a port that is known, and the container has no capability to bind a lower one" }}
{{- end }}
{{- end }}

{{- define "bridge.checkSources" -}}
{{- if and .Values.settingsFrom.configMap .Values.settings }}
{{- fail "settings: leave it empty with settingsFrom.configMap; which of the two should count?" }}
{{- end }}
{{- if and .Values.routes.files .Values.routes.existingConfigMap }}
{{- fail "routes.files: leave it empty with routes.existingConfigMap; which of the two should count?" }}
{{- end }}
{{- if not (or .Values.routes.files .Values.routes.existingConfigMap) }}
{{- fail "routes: there is no routing table. Give routes.files (--set-file \"routes.files.routes\\.yaml=routes.yaml\") or routes.existingConfigMap" }}
{{- end }}
{{- if and .Values.lookups.files .Values.lookups.existingConfigMap }}
{{- fail "lookups.files: leave it empty with lookups.existingConfigMap; which of the two should count?" }}
{{- end }}
{{- if and .Values.lookups.keys (not .Values.lookups.existingConfigMap) }}
{{- fail "lookups.keys: are those of lookups.existingConfigMap, which is not set" }}
{{- end }}
{{- $checked := list "BRIDGE_CONFIG" "BRIDGE_ROUTES" "BRIDGE_DISPATCH__DRAIN_TIMEOUT" "BRIDGE_KAFKA__SESSION_TIMEOUT" "BRIDGE_KAFKA__REBALANCE_TIMEOUT" "BRIDGE_VENDOR__TIMEOUT" "BRIDGE_TOPICS__PARTITIONS" "BRIDGE_HTTP__PORT" }}
{{- range .Values.env }}
{{- if has .name $checked }}
{{- fail (printf "env: %s would override what the chart checks; set it in settings" .name) }}
{{- end }}
{{- end }}
{{- end }}

{{/* A secret in values lies in Helm's release, in git and in every log of a pipeline. */}}
{{- define "bridge.checkKeys" -}}
{{- include "bridge.checkKeysOf" (list "settings" .Values.settings) }}
{{- end }}

{{- define "bridge.checkKeysOf" -}}
{{- $path := index . 0 }}
{{- range $name, $value := index . 1 }}
{{- $here := printf "%s.%s" $path $name }}
{{- if kindIs "map" $value }}
{{- include "bridge.checkKeysOf" (list $here $value) }}
{{- else if kindIs "string" $value }}
{{- $secret := or (regexMatch "^(api_key|brand_key|.*password|.*secret|.*token)$" $name) (hasPrefix "settings.provisioner.headers." $here) }}
{{- $with := regexMatch "://[^/$]*:[^/$]*@" $value }}
{{- if and (or $secret $with) (not (contains "${" $value)) }}
{{- fail (printf "%s: a secret has no place in values. Mount it (secrets) and write \"${file:/etc/bridge/secrets/NAME/KEY}\"" $here) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "bridge.checkMonitoring" -}}
{{- if and .Values.serviceMonitor.enabled .Values.podMonitor.enabled }}
{{- fail "podMonitor: not beside serviceMonitor, or everything counts twice" }}
{{- end }}
{{- if and .Values.serviceMonitor.enabled (not .Values.service.enabled) }}
{{- fail "serviceMonitor: needs service.enabled; or take podMonitor" }}
{{- end }}
{{- $budget := .Values.podDisruptionBudget }}
{{- if not (or (kindIs "invalid" $budget.maxUnavailable) (kindIs "invalid" $budget.minAvailable)) }}
{{- fail "podDisruptionBudget: one of maxUnavailable and minAvailable, not both" }}
{{- end }}
{{- end }}
