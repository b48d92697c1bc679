// Reads messages of Wavefront lines with Telegraf's own parser, as its inputs do: a message that it cannot parse
// costs all of its lines.
//
// Standard input: one JSON string a line, each a whole message. Standard output: for each, one JSON object with
// "points", or with "error".
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/influxdata/telegraf/plugins/parsers/wavefront"
)

const longestMessage = 64 * 1024 * 1024

type point struct {
	Name      string            `json:"name"`
	Value     interface{}       `json:"value"`
	Timestamp int64             `json:"timestamp"`
	Tags      map[string]string `json:"tags"`
}

type answer struct {
	Points []point `json:"points"`
	Error  string  `json:"error,omitempty"`
}

func read(parser *wavefront.Parser, message string) answer {
	metrics, err := parser.Parse([]byte(message))
	if err != nil {
		return answer{Points: []point{}, Error: err.Error()}
	}
	points := make([]point, 0, len(metrics))
	for _, metric := range metrics {
		points = append(points, point{metric.Name(), metric.Fields()["value"], metric.Time().Unix(), metric.Tags()})
	}
	return answer{Points: points}
}

func run() error {
	parser := &wavefront.Parser{}
	if err := parser.Init(); err != nil {
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
		if err := json.NewEncoder(out).Encode(read(parser, message)); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return out.Flush()
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
