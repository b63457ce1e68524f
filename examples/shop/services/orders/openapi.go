// Package service holds what belongs to the service as a whole.
package service

import _ "embed"

// OpenAPI is the description of the HTTP interface, served at /openapi.yaml.
//
//go:embed openapi.yaml
var OpenAPI []byte
