using Spectre.Console;

namespace WhiteCross.Cli;

/// <summary>What the tool has around it: a process's console, or a test's.</summary>
internal sealed record CliEnvironment
{
    /// <summary>Where confirmations, and jobs from <c>-</c>, are read.</summary>
    public required TextReader Input { get; init; }

    /// <summary>Where results go.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Where errors, questions and notes go.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether somebody can be asked.</summary>
    public bool IsInputTerminal { get; init; }

    /// <summary>Whether somebody looks at the output: colours, and tables that are drawn again.</summary>
    public bool IsOutputTerminal { get; init; }

    /// <summary>Whether a terminal understands escape sequences. Default: what it says of itself.</summary>
    public AnsiSupport Ansi { get; init; } = AnsiSupport.Detect;

    /// <summary>The terminal's width in columns; null: what it says of itself.</summary>
    public int? Width { get; init; }

    /// <summary>Environment variables.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>This process's.</summary>
    public static CliEnvironment OfProcess() => new()
    {
        Input = Console.In,
        Output = Console.Out,
        Error = Console.Error,
        IsInputTerminal = !Console.IsInputRedirected,
        IsOutputTerminal = !Console.IsOutputRedirected,
    };
}
