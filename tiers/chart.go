package tiers

import (
	"bytes"
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"tierdesk/desk"
)

// picture draws the days of a digest: columns of what was opened and solved, and a
// line of broken promises. It returns nothing when nothing happened.
func picture(d *desk.Digest, domain string) ([]desk.GeneratedPart, error) {
	if quiet(d.Days) {
		return nil, nil
	}
	content, err := draw(d.Days)
	if err != nil {
		return nil, fmt.Errorf("draw the chart: %w", err)
	}
	d.Chart = "chart@" + domain
	return []desk.GeneratedPart{{Filename: "chart.png", ContentType: "image/png", ContentID: d.Chart, Content: content}}, nil
}

func quiet(days []desk.DigestDay) bool {
	for _, d := range days {
		if d.Opened+d.Solved+d.Breached > 0 {
			return false
		}
	}
	return true
}

func draw(days []desk.DigestDay) ([]byte, error) {
	p := plot.New()
	p.BackgroundColor = color.White
	p.Y.Min = 0
	var opened, solved plotter.Values
	var broken plotter.XYs
	var ticks []plot.Tick
	for i, d := range days {
		opened, solved = append(opened, float64(d.Opened)), append(solved, float64(d.Solved))
		broken = append(broken, plotter.XY{X: float64(i), Y: float64(d.Breached)})
		tick := plot.Tick{Value: float64(i)}
		if i%5 == 4 {
			tick.Label = fmt.Sprintf("%d.%d.", d.Day.Day(), d.Day.Month())
		}
		ticks = append(ticks, tick)
	}
	p.X.Tick.Marker = plot.ConstantTicks(ticks)
	p.Y.Tick.Marker = wholeTicks{}
	if err := columns(p, opened, color.RGBA{0x84, 0xad, 0xff, 0xff}, -width/2); err != nil {
		return nil, err
	}
	if err := columns(p, solved, color.RGBA{0x32, 0xa0, 0x6e, 0xff}, width/2); err != nil {
		return nil, err
	}
	line, err := plotter.NewLine(broken)
	if err != nil {
		return nil, err
	}
	line.Color, line.Width = color.RGBA{0xd9, 0x2d, 0x20, 0xff}, vg.Points(1.5)
	p.Add(line)
	w, err := p.WriterTo(vg.Points(450), vg.Points(135), "png")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = w.WriteTo(&b)
	return b.Bytes(), err
}

// width is that of a column.
const width = vg.Length(5)

func columns(p *plot.Plot, values plotter.Values, fill color.RGBA, offset vg.Length) error {
	bars, err := plotter.NewBarChart(values, width)
	if err != nil {
		return err
	}
	bars.Color, bars.Offset, bars.LineStyle.Width = fill, offset, 0
	p.Add(bars)
	return nil
}

// wholeTicks marks whole numbers: there is no half ticket.
type wholeTicks struct{}

// Ticks returns at most six marks.
func (wholeTicks) Ticks(_, most float64) []plot.Tick {
	step := 1
	for i := 0; most/float64(step) > 5; i++ {
		step = step * [...]int{2, 5, 10}[i%3] / [...]int{1, 2, 5}[i%3] // 1, 2, 5, 10, 20 …
	}
	var ticks []plot.Tick
	for n := 0; float64(n) <= most; n += step {
		ticks = append(ticks, plot.Tick{Value: float64(n), Label: fmt.Sprint(n)})
	}
	return ticks
}
