package embed

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"math"
	"strings"
	"sync"
	"time"

	"tierdesk/desk"
)

const (
	// patience is how long a mail waits for the vector of its question.
	patience = 2 * time.Second
	// batchPatience is how long one request about documents may take.
	batchPatience = 60 * time.Second
	// Rest is how long a server that failed is left alone.
	Rest = time.Minute
)

// Store keeps vectors by a hash of model and text.
type Store interface {
	Embedding(ctx context.Context, hash string) ([]byte, error) // desk.ErrNotFound
	KeepEmbeddings(ctx context.Context, byHash map[string][]byte) error
}

// errResting says that the server failed a moment ago and was not asked.
var errResting = errors.New("the server failed a moment ago")

// Asker asks a model, keeps what it said, and leaves it alone for a while when it
// fails. An outage is one line in the log, and so is its end. It is safe for
// concurrent use.
type Asker struct {
	Client *Client
	Store  Store
	Log    *slog.Logger
	Now    func() time.Time

	mu    sync.Mutex
	until time.Time // when the server may be asked again
	down  bool
}

// Question returns the vector of a question, or nil when there is none in time.
func (a *Asker) Question(text string) []float32 {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	vectors, err := a.ask(ctx, []string{text})
	if err != nil {
		return nil
	}
	return vectors[0]
}

// Documents returns the vector of each text, from the store as far as it has them.
// What a failure interrupts is found there the next time.
func (a *Asker) Documents(ctx context.Context, texts iter.Seq[string]) ([][]float32, error) {
	var out [][]float32
	batch := make([]string, 0, MaxTexts)
	flush := func() error {
		vectors, err := a.batch(ctx, batch)
		out, batch = append(out, vectors...), batch[:0]
		return err
	}
	for t := range texts {
		batch = append(batch, t)
		if len(batch) < MaxTexts {
			continue
		}
		if err := flush(); err != nil {
			return nil, err
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	return out, nil
}

// batch returns the vectors of at most MaxTexts texts. Those that the store has not
// are asked for and kept.
func (a *Asker) batch(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	var missing []string
	var at []int
	for i, t := range texts {
		b, err := a.Store.Embedding(ctx, a.hash(t))
		switch {
		case err == nil:
			out[i] = unpack(b)
		case errors.Is(err, desk.ErrNotFound):
			missing, at = append(missing, t), append(at, i)
		default:
			return nil, err
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	limited, cancel := context.WithTimeout(ctx, batchPatience)
	defer cancel()
	vectors, err := a.ask(limited, missing)
	if err != nil {
		return nil, err
	}
	kept := map[string][]byte{}
	for i, v := range vectors {
		out[at[i]] = v
		kept[a.hash(missing[i])] = pack(v)
	}
	if err := a.Store.KeepEmbeddings(ctx, kept); err != nil {
		return nil, fmt.Errorf("keep embeddings: %w", err)
	}
	return out, nil
}

// ask asks the server unless it rests.
func (a *Asker) ask(ctx context.Context, texts []string) ([][]float32, error) {
	a.mu.Lock()
	resting := a.Now().Before(a.until)
	a.mu.Unlock()
	if resting {
		return nil, errResting
	}
	vectors, err := a.Client.Embed(ctx, texts)
	a.note(err)
	return vectors, err
}

// note remembers how a request ended.
func (a *Asker) note(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case errors.Is(err, context.Canceled): // we are stopping
	case err != nil:
		a.until = a.Now().Add(Rest)
		if !a.down {
			a.Log.Warn("L1 goes on without embeddings", "err", err)
		}
		a.down = true
	case a.down:
		a.down = false
		a.Log.Info("embeddings are back")
	}
}

// hash is what a text's vector is kept under.
func (a *Asker) hash(text string) string {
	sum := sha256.Sum256([]byte(a.Client.Model + "\x00" + clip(text)))
	return hex.EncodeToString(sum[:])
}

func clip(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), maxText)], "")
}

func pack(v []float32) []byte {
	var b []byte
	for _, f := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	return b
}

func unpack(b []byte) []float32 {
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return v
}
