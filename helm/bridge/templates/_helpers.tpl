{{- define "bridge.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "bridge.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- $name := include "bridge.name" . }}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "bridge.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "bridge.fullname" .) .Values.serviceAccount.name }}
{{- else }}{{ default "default" .Values.serviceAccount.name }}{{ end }}
{{- end }}

{{- define "bridge.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end }}
{{- end }}
{{- end }}

{{/* Of all pods of a release; the replicas alone have a component as well, or a Service would find the pod of `helm test`. */}}
{{- define "bridge.releaseLabels" -}}
app.kubernetes.io/name: {{ include "bridge.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "bridge.selectorLabels" -}}
{{ include "bridge.releaseLabels" . }}
app.kubernetes.io/component: replica
{{- end }}

{{- define "bridge.labels" -}}
{{ include "bridge.selectorLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: campaign-bridge
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Metadata of an object: (dict "root" $ "name" "..." "labels" {...} "annotations" {...} "namespace" "...") */}}
{{- define "bridge.metadata" -}}
name: {{ .name }}
namespace: {{ default .root.Release.Namespace .namespace }}
labels:
  {{- merge (dict) (default dict .labels) (include "bridge.labels" .root | fromYaml) | toYaml | nindent 2 }}
{{- with merge (dict) (default dict .annotations) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* A setting that the chart must know: (list $ "default" "section" "name"); the section may be "" */}}
{{- define "bridge.setting" -}}
{{- $settings := default dict (index . 0).Values.settings }}
{{- $section := ternary $settings (default dict (get $settings (index . 2))) (eq (index . 2) "") }}
{{- $found := get $section (index . 3) }}
{{- if or (kindIs "invalid" $found) (eq (toString $found) "") }}{{ index . 1 }}
{{- else if kindIs "float64" $found }}{{ int64 $found }}
{{- else }}{{ $found }}{{ end }}
{{- end }}

{{- define "bridge.httpPort" -}}
{{ include "bridge.setting" (list . 8080 "http" "port") }}
{{- end }}

{{/* The settings' ConfigMap, and the key in it. */}}
{{- define "bridge.settingsConfigMap" -}}
{{ default (printf "%s-settings" (include "bridge.fullname" .)) .Values.settingsFrom.configMap }}
{{- end }}

{{- define "bridge.hasLookups" -}}
{{- if or .Values.lookups.files .Values.lookups.existingConfigMap }}true{{ end }}
{{- end }}

{{/* Volumes that hold settings, table and keys, for the service and for `helm test`. */}}
{{- define "bridge.volumes" -}}
- name: settings
  configMap:
    name: {{ include "bridge.settingsConfigMap" . }}
    items:
      - key: {{ ternary .Values.settingsFrom.key "bridge.yaml" (ne .Values.settingsFrom.configMap "") }}
        path: bridge.yaml
- name: routes
  # Never as subPath: such a file is not renewed when its ConfigMap changes.
  projected:
    sources:
      - configMap:
          name: {{ default (printf "%s-routes" (include "bridge.fullname" .)) .Values.routes.existingConfigMap }}
      {{- if include "bridge.hasLookups" . }}
      - configMap:
          name: {{ default (printf "%s-lookups" (include "bridge.fullname" .)) .Values.lookups.existingConfigMap }}
          {{- with default (keys .Values.lookups.files | sortAlpha) .Values.lookups.keys }}
          items:
            {{- range . }}
            - key: {{ . | quote }}
              path: {{ printf "%s/%s" $.Values.lookups.folder . | quote }}
            {{- end }}
          {{- end }}
      {{- end }}
{{- range $name, $secret := .Values.secrets }}
- name: secret-{{ $name }}
  secret:
    secretName: {{ $secret.secretName }}
    defaultMode: 0440
    {{- with $secret.items }}
    items:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end }}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "bridge.volumeMounts" -}}
- name: settings
  mountPath: /etc/bridge/settings
  readOnly: true
- name: routes
  mountPath: /etc/bridge/routes
  readOnly: true
{{- range $name, $_ := .Values.secrets }}
- name: secret-{{ $name }}
  mountPath: /etc/bridge/secrets/{{ $name }}
  readOnly: true
{{- end }}
- name: tmp
  mountPath: /tmp
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* With these every verb works inside of the pod: kubectl exec deploy/bridge -- bridge holds */}}
{{- define "bridge.environment" -}}
env:
  - name: BRIDGE_CONFIG
    value: /etc/bridge/settings/bridge.yaml
  - name: BRIDGE_ROUTES
    value: /etc/bridge/routes
  {{- with .Values.env }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* What the pods of the service and of `helm test` have in common. */}}
{{- define "bridge.podBasics" -}}
serviceAccountName: {{ include "bridge.serviceAccountName" . }}
automountServiceAccountToken: false
# A Service named bridge would put its address into variables that look like settings.
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
dnsPolicy: {{ .Values.dnsPolicy }}
{{- with .Values.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- end }}
