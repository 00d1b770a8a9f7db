using Spectre.Console;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Output;

/// <summary>Tables and words that look the same in every command.</summary>
internal static class Tables
{
    public static Style Good { get; } = new(Color.Green);

    public static Style Bad { get; } = new(Color.Red);

    public static Style Warning { get; } = new(Color.Yellow);

    public static Style Quiet { get; } = new(Color.Grey);

    /// <summary>A table of these columns; a name that begins with <c>&gt;</c> is aligned to the right, one that begins with <c>?</c> may be left out where there is no room.</summary>
    public static Listing Create(params string[] columns) => new(columns);

    /// <summary>A cell.</summary>
    public static Cell Cell(string text, Style? style = null) => new(text, style);

    /// <summary>A number; of none not worth a look.</summary>
    public static Cell Cell(long number, Style? style = null) => Cell(Texts.Number(number), number == 0 ? Quiet : style);

    /// <summary>A state.</summary>
    public static Cell Cell(JobState state) => Cell(Texts.Word(state), StyleOf(state));

    /// <summary>A list of names and values.</summary>
    public static FactList Facts(params (string Name, Cell? Value)[] facts) => new([.. facts.Where(fact => fact.Value is not null).Select(fact => (fact.Name, fact.Value!))]);

    /// <summary>A state's colour.</summary>
    public static Style? StyleOf(JobState state) => state switch
    {
        JobState.Completed => Good,
        JobState.Failed => Bad,
        JobState.Delayed or JobState.Paused => Warning,
        _ => (Style?)null,
    };
}
