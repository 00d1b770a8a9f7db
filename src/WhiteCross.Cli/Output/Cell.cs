using Spectre.Console;
using Spectre.Console.Rendering;

namespace WhiteCross.Cli.Output;

/// <summary>A text in a table, which can also be written without one.</summary>
internal sealed class Cell(string text, Style? style = null) : IRenderable
{
    private readonly Text _drawing = new(Texts.Safe(text), style);

    /// <summary>What it says, in one line.</summary>
    public string Plain { get; } = Texts.Safe(text).Replace('\t', ' ').Replace('\n', ' ');

    /// <summary>The same with fewer characters, and a mark where some are missing.</summary>
    public Cell Cut(int width) => Plain.Length <= width ? this : new Cell(string.Concat(Plain.AsSpan(0, Math.Max(0, width - 1)), "…"), style);

    Measurement IRenderable.Measure(RenderOptions options, int maxWidth) => ((IRenderable)_drawing).Measure(options, maxWidth);

    IEnumerable<Segment> IRenderable.Render(RenderOptions options, int maxWidth) => ((IRenderable)_drawing).Render(options, maxWidth);
}
