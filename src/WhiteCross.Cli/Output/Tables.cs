using Spectre.Console;
using Spectre.Console.Rendering;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Output;

/// <summary>Tables and words that look the same in every command.</summary>
internal static class Tables
{
    public static Style Good { get; } = new(Color.Green);

    public static Style Bad { get; } = new(Color.Red);

    public static Style Warning { get; } = new(Color.Yellow);

    public static Style Quiet { get; } = new(Color.Grey);

    /// <summary>A table of these columns; a name that begins with <c>&gt;</c> is aligned to the right.</summary>
    public static Table Create(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        foreach (var name in columns)
        {
            var column = new TableColumn(new Text(name.TrimStart('>'), new Style(decoration: Decoration.Bold))) { NoWrap = true };
            table.AddColumn(name.StartsWith('>') ? column.RightAligned() : column);
        }

        return table;
    }

    /// <summary>A cell.</summary>
    public static IRenderable Cell(string text, Style? style = null) => new Text(Texts.Safe(text), style);

    /// <summary>A number; of none not worth a look.</summary>
    public static IRenderable Cell(long number, Style? style = null) => Cell(Texts.Number(number), number == 0 ? Quiet : style);

    /// <summary>A state.</summary>
    public static IRenderable Cell(JobState state) => Cell(Texts.Word(state), StyleOf(state));

    /// <summary>A list of names and values.</summary>
    public static Grid Facts(params (string Name, IRenderable? Value)[] facts)
    {
        var grid = new Grid().AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 2, 0) }).AddColumn();
        foreach (var (name, value) in facts)
        {
            if (value is not null)
            {
                grid.AddRow(Cell(name, Quiet), value);
            }
        }

        return grid;
    }

    /// <summary>A state's colour.</summary>
    public static Style? StyleOf(JobState state) => state switch
    {
        JobState.Completed => Good,
        JobState.Failed => Bad,
        JobState.Delayed or JobState.Paused => Warning,
        _ => (Style?)null,
    };
}
