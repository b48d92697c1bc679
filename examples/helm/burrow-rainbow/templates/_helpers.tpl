{{- define "rainbow.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "rainbow.selector" -}}
app.kubernetes.io/name: burrow-rainbow
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* The tag, which may have a digest, as a label can hold it. */ -}}
{{- define "rainbow.version" -}}
{{- regexReplaceAll "[^A-Za-z0-9_.-]" (.Values.image.tag | default .Chart.AppVersion) "-" | trunc 63 | trimAll "-_." }}
{{- end }}

{{- define "rainbow.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{ include "rainbow.selector" . }}
app.kubernetes.io/version: {{ include "rainbow.version" . | quote }}
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
{{- $stop := dict "deadline" (printf "%ds" (sub (int $v.terminationGracePeriodSeconds) 10)) }}
{{- $config := dict "burrow" (dict "servers" $servers) "series" (dict "source" $v.series.source) "kafka" $kafka "http" $http "stop" $stop }}
{{- if $v.persistence.enabled }}
{{- $_ := set $config "outbox" (dict "disk" (dict "path" "/var/lib/burrow-rainbow/outbox" "max" $v.persistence.max)) }}
{{- end }}
{{- mustMergeOverwrite $config (deepCopy ($v.config | default dict)) | toYaml }}
{{- end }}

{{- define "rainbow.locked" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
