using Spectre.Console;
using Spectre.Console.Rendering;

namespace WhiteCross.Cli.Output;

/// <summary>Names and values: below each other on a terminal, parted by tabs elsewhere.</summary>
internal sealed class FactList(IReadOnlyList<(string Name, Cell Value)> facts) : IRenderable
{
    /// <summary>Writes it for a program.</summary>
    public void WriteRows(TextWriter output)
    {
        foreach (var (name, value) in facts)
        {
            output.WriteLine($"{name}\t{value.Plain}");
        }
    }

    Measurement IRenderable.Measure(RenderOptions options, int maxWidth) => ((IRenderable)Draw()).Measure(options, maxWidth);

    IEnumerable<Segment> IRenderable.Render(RenderOptions options, int maxWidth) => ((IRenderable)Draw()).Render(options, maxWidth);

    private Grid Draw()
    {
        var grid = new Grid().AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 2, 0) }).AddColumn();
        foreach (var (name, value) in facts)
        {
            grid.AddRow(new Cell(name, Tables.Quiet), value);
        }

        return grid;
    }
}
