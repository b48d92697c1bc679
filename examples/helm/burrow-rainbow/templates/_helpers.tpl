{{- define "rainbow.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "rainbow.selector" -}}
app.kubernetes.io/name: burrow-rainbow
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "rainbow.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{ include "rainbow.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "rainbow.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "rainbow.name" .) }}
{{- else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "rainbow.burrowMechanism" -}}
{{ .Values.burrow.sasl.mechanism | default .Values.kafka.sasl.mechanism }}
{{- end }}

{{- define "rainbow.claim" -}}
{{ .Values.persistence.existingClaim | default (printf "%s-outbox" (include "rainbow.name" .)) }}
{{- end }}

{{- /* rainbow.yaml as a map: what the values say, and then what .Values.config says. */ -}}
{{- define "rainbow.config" -}}
{{- $v := .Values }}
{{- $servers := list "http://127.0.0.1:8000" }}
{{- if not $v.burrow.enabled }}{{ $servers = $v.burrow.servers }}{{ end }}
{{- $kafka := dict "brokers" $v.kafka.brokers "topic" $v.kafka.topic }}
{{- if $v.kafka.tls.enabled }}
{{- $tls := dict "enabled" true }}
{{- if $v.kafka.tls.caSecret }}{{ $_ := set $tls "caFile" "/run/secrets/kafka-ca/ca.crt" }}{{ end }}
{{- $_ := set $kafka "tls" $tls }}
{{- end }}
{{- $mechanism := $v.kafka.sasl.mechanism }}
{{- if eq $mechanism "aws-msk-iam" }}
{{- $_ := set $kafka "sasl" (dict "mechanism" $mechanism "region" $v.kafka.sasl.region) }}
{{- else if $mechanism }}
{{- $_ := set $kafka "sasl" (dict "mechanism" $mechanism "username" $v.kafka.sasl.username "passwordFile" "/run/secrets/kafka/password") }}
{{- end }}
{{- $http := dict "port" 7099 }}
{{- if $v.http.tokenSecret }}{{ $_ := set $http "tokenFile" "/run/secrets/http/token" }}{{ end }}
{{- if $v.http.tlsSecret }}
{{- $_ := set $http "tls" (dict "certFile" "/run/secrets/http-tls/tls.crt" "keyFile" "/run/secrets/http-tls/tls.key") }}
{{- end }}
{{- /* Less than terminationGracePeriodSeconds. */ -}}
{{- $config := dict "burrow" (dict "servers" $servers) "series" (dict "source" $v.series.source) "kafka" $kafka "http" $http "stop" (dict "deadline" "50s") }}
{{- if $v.persistence.enabled }}
{{- $_ := set $config "outbox" (dict "disk" (dict "path" "/var/lib/burrow-rainbow/outbox" "max" $v.persistence.max)) }}
{{- end }}
{{- mustMergeOverwrite $config (deepCopy $v.config) | toYaml }}
{{- end }}

{{- define "rainbow.locked" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
