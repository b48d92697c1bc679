// Reads messages of lines with Telegraf's own parser, as its inputs do: a message that it cannot parse costs all of its
// lines. The argument says which: wavefront or influx.
//
// Standard input: one JSON string a line, each a whole message. Standard output: for each, one JSON object with
// "points", or with "error". Of Influx's lines each field is a point, named "measurement field".
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/influxdata/telegraf"
	"github.com/influxdata/telegraf/plugins/parsers/influx"
	"github.com/influxdata/telegraf/plugins/parsers/wavefront"
)

const longestMessage = 64 * 1024 * 1024

type point struct {
	Name      string            `json:"name"`
	Value     interface{}       `json:"value"`
	Type      string            `json:"type,omitempty"`
	Timestamp int64             `json:"timestamp"`
	Tags      map[string]string `json:"tags"`
}

type answer struct {
	Points []point `json:"points"`
	Error  string  `json:"error,omitempty"`
}

type parser interface {
	Init() error
	Parse(message []byte) ([]telegraf.Metric, error)
}

func read(lines parser, format string, message string) answer {
	metrics, err := lines.Parse([]byte(message))
	if err != nil {
		return answer{Points: []point{}, Error: err.Error()}
	}
	points := make([]point, 0, len(metrics))
	for _, metric := range metrics {
		at := metric.Time().Unix()
		if format == "wavefront" {
			points = append(points, point{metric.Name(), metric.Fields()["value"], "", at, metric.Tags()})
			continue
		}
		for _, field := range metric.FieldList() {
			name := metric.Name() + " " + field.Key
			points = append(points, point{name, field.Value, fmt.Sprintf("%T", field.Value), at, metric.Tags()})
		}
	}
	return answer{Points: points}
}

func run(format string) error {
	parsers := map[string]parser{"wavefront": &wavefront.Parser{}, "influx": &influx.Parser{}}
	chosen, known := parsers[format]
	if !known {
		return fmt.Errorf("no format %q", format)
	}
	if err := chosen.Init(); err != nil {
		return err
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, longestMessage)
	out := bufio.NewWriter(os.Stdout)
	for lines.Scan() {
		var message string
		if err := json.Unmarshal(lines.Bytes(), &message); err != nil {
			return err
		}
		if err := json.NewEncoder(out).Encode(read(chosen, format, message)); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return out.Flush()
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: telegraf-reader wavefront|influx")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
