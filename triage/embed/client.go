// Package embed asks an embedding model, behind an endpoint that speaks the OpenAI
// protocol, for the vectors of texts. It leaves comparing them to triage/kb, and when
// to ask to its callers.
package embed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
)

const (
	// MaxTexts is how many texts one request may have.
	MaxTexts = 64
	// maxText bounds a text in bytes; models read some 8,000 tokens.
	maxText = 8000
	// maxDimension bounds the length of a vector.
	maxDimension = 8192
	// maxAnswer bounds an answer in bytes.
	maxAnswer = MaxTexts * maxDimension * 32
)

// Client asks one model. It is safe for concurrent use.
type Client struct {
	URL   string // without "/embeddings"
	Model string
	// Key returns the key of the service, "" for none; it is asked for each request.
	Key  func() (string, error)
	HTTP *http.Client
}

// Embed returns the vector of each text, all of one dimension and of length one. Of
// long texts the beginning counts. The context bounds how long it takes.
func (c *Client) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	cut := make([]string, len(texts))
	for i, t := range texts {
		cut[i] = clip(t)
	}
	body, err := json.Marshal(map[string]any{"model": c.Model, "input": cut, "encoding_format": "float"})
	if err != nil {
		return nil, fmt.Errorf("embed: %w", err)
	}
	answer, err := c.post(ctx, body)
	if err != nil {
		return nil, fmt.Errorf("embed with %s: %w", c.Model, err)
	}
	vectors, err := parse(answer, len(texts))
	if err != nil {
		return nil, fmt.Errorf("embed with %s: %w", c.Model, err)
	}
	return vectors, nil
}

func (c *Client) post(ctx context.Context, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/embeddings", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	key, err := c.Key()
	if err != nil {
		return nil, err
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %d", resp.StatusCode)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(answer) > maxAnswer {
		err = errors.New("the answer is too long")
	}
	return answer, err
}

// parse reads the answer for n texts.
func parse(answer []byte, n int) ([][]float32, error) {
	var a struct {
		Data []struct {
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		} `json:"data"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return nil, err
	}
	if len(a.Data) != n {
		return nil, fmt.Errorf("%d vectors for %d texts", len(a.Data), n)
	}
	out := make([][]float32, n)
	for _, d := range a.Data {
		if d.Index < 0 || d.Index >= n || out[d.Index] != nil {
			return nil, fmt.Errorf("no or two vectors for text %d", d.Index)
		}
		if len(d.Embedding) > maxDimension || len(d.Embedding) != len(a.Data[0].Embedding) {
			return nil, fmt.Errorf("a vector of %d numbers", len(d.Embedding))
		}
		if !unit(d.Embedding) {
			return nil, fmt.Errorf("vector %d has no direction", d.Index)
		}
		out[d.Index] = d.Embedding
	}
	return out, nil
}

// unit scales a vector to length one and reports whether that is possible.
func unit(v []float32) bool {
	var sum float64
	for _, f := range v {
		sum += float64(f) * float64(f)
	}
	if sum == 0 || math.IsInf(sum, 0) || math.IsNaN(sum) {
		return false
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / math.Sqrt(sum))
	}
	return true
}
