using Spectre.Console;
using Spectre.Console.Rendering;

namespace WhiteCross.Cli.Output;

/// <summary>
/// Rows with named columns. On a terminal a table that fits its width: numbers are never broken, what is too wide loses its less important columns, and then the
/// ends of long texts. Elsewhere a line for each row, its cells parted by tabs, as other programs read them.
/// </summary>
internal sealed class Listing : IRenderable
{
    // What texts are cut to before a column goes, and what they are cut to when none is left that may go.
    private const int ShortText = 24;
    private const int ShortestText = 8;

    private readonly List<Column> _columns;
    private readonly List<Cell[]> _rows = [];

    /// <summary>With these columns; <c>&gt;</c> before a name aligns it to the right, <c>?</c> says that it may be left out.</summary>
    public Listing(IEnumerable<string> columns) => _columns = [.. columns.Select(name => new Column(name.TrimStart('?', '>'), name.Contains('>', StringComparison.Ordinal), name.StartsWith('?')))];

    /// <summary>How many rows it has.</summary>
    public int Count => _rows.Count;

    /// <summary>Adds a row; cells that are left out are empty.</summary>
    public Listing AddRow(params Cell[] cells)
    {
        _rows.Add([.. _columns.Select((_, i) => i < cells.Length ? cells[i] : new Cell(string.Empty))]);
        return this;
    }

    /// <summary>Writes it for a program: rows without a header.</summary>
    public void WriteRows(TextWriter output)
    {
        foreach (var row in _rows)
        {
            output.WriteLine(string.Join('\t', row.Select(cell => cell.Plain)));
        }
    }

    Measurement IRenderable.Measure(RenderOptions options, int maxWidth) => ((IRenderable)Fit(maxWidth)).Measure(options, maxWidth);

    IEnumerable<Segment> IRenderable.Render(RenderOptions options, int maxWidth) => ((IRenderable)Fit(maxWidth)).Render(options, maxWidth);

    private Table Fit(int width)
    {
        var shown = Enumerable.Range(0, _columns.Count).ToList();
        var widths = _columns.Select((column, i) => Math.Max(column.Name.Length, WidestOf(i))).ToArray();
        var isNarrow = WidthOf(shown, widths) > width;
        if (isNarrow)
        {
            // Names of several words go below each other.
            for (var i = 0; i < widths.Length; i++)
            {
                widths[i] = Math.Max(_columns[i].Name.Split(' ').Max(word => word.Length), WidestOf(i));
            }

            ShrinkTexts(shown.Where(column => column > 0), widths, ShortText, width, shown);
            Drop(shown, widths, width, column => _columns[column].IsOptional);
            ShrinkTexts(shown, widths, ShortText, width, shown);
            ShrinkTexts(shown, widths, ShortestText, width, shown);
            Drop(shown, widths, width, column => column > 0);
        }

        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        foreach (var i in shown)
        {
            var name = isNarrow ? _columns[i].Name.Replace(' ', '\n') : _columns[i].Name;
            var column = new TableColumn(new Text(name, new Style(decoration: Decoration.Bold))) { NoWrap = true };
            table.AddColumn(_columns[i].IsRight ? column.RightAligned() : column);
        }

        foreach (var row in _rows)
        {
            table.AddRow(shown.Select(i => row[i].Cut(widths[i])));
        }

        return table;
    }

    // A column is parted from the next by three.
    private static int WidthOf(IEnumerable<int> shown, int[] widths) => shown.Sum(i => widths[i] + 3) + 1;

    private int WidestOf(int column) => _rows.Count == 0 ? 0 : _rows.Max(row => row[column].Plain.Length);

    private void ShrinkTexts(IEnumerable<int> columns, int[] widths, int least, int width, IReadOnlyCollection<int> shown)
    {
        // A number that is cut is another number.
        var texts = columns.Where(i => !_columns[i].IsRight).ToList();
        while (WidthOf(shown, widths) is var total && total > width && texts.Where(i => widths[i] > least).OrderByDescending(i => widths[i]).Take(1).ToList() is [var widest])
        {
            widths[widest] = Math.Max(least, widths[widest] - (total - width));
        }
    }

    private static void Drop(List<int> shown, int[] widths, int width, Func<int, bool> mayGo)
    {
        while (WidthOf(shown, widths) > width && shown.FindLastIndex(i => mayGo(i)) is >= 0 and var last)
        {
            shown.RemoveAt(last);
        }
    }

    private sealed record Column(string Name, bool IsRight, bool IsOptional);
}
