using System.Text.Json.Nodes;
using Spectre.Console;

namespace WhiteCross.Cli.Tests;

/// <summary>How a run of the tool ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote.</param>
/// <param name="Error">What it wrote beside it.</param>
public sealed record Ran(int ExitCode, string Output, string Error)
{
    /// <summary>The output, which is a JSON document.</summary>
    public JsonNode Json => JsonNode.Parse(Output)!;

    /// <summary>The output, which is a JSON document a line.</summary>
    public IReadOnlyList<JsonNode> JsonLines => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];

    /// <summary>Itself, when it ended well.</summary>
    public Ran Well()
    {
        Assert.True(ExitCode == 0, $"It exited with {ExitCode}:\n{Output}\n{Error}");
        return this;
    }

    /// <summary>Itself, when it ended with this exit code and said this.</summary>
    public Ran Refused(int exitCode, string saying)
    {
        Assert.Contains(saying, Error, StringComparison.Ordinal);
        Assert.Equal(exitCode, ExitCode);
        return this;
    }
}

/// <summary>The tool in this process, with a console of the test's.</summary>
internal sealed class Tool
{
    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>What somebody types.</summary>
    public string Input { get; init; } = string.Empty;

    public bool IsInputTerminal { get; init; }

    public bool IsOutputTerminal { get; init; }

    /// <summary>The terminal's width in columns.</summary>
    public int Width { get; init; } = 140;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public async Task<Ran> RunAsync(params string[] args)
    {
        var output = new Watched();
        return await RunAsync(args, output, TestContext.Current.CancellationToken);
    }

    /// <summary>Runs it until it has written something, and interrupts it then.</summary>
    public async Task<Ran> RunUntilAsync(Func<string, bool> isSeen, params string[] args)
    {
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        interrupt.CancelAfter(TimeSpan.FromSeconds(60));
        var output = new Watched();
        output.Written += text =>
        {
            if (isSeen(text))
            {
                interrupt.Cancel();
            }
        };
        var ran = await RunAsync(args, output, interrupt.Token);
        Assert.True(isSeen(ran.Output), $"It was not seen in 60 seconds:\n{ran.Output}\n{ran.Error}");
        return ran;
    }

    /// <summary>Starts it, with what it has written so far.</summary>
    public (Task<Ran> End, Watched Output) Start(params string[] args)
    {
        var output = new Watched();
        return (RunAsync(args, output, TestContext.Current.CancellationToken), output);
    }

    private async Task<Ran> RunAsync(string[] args, Watched output, CancellationToken cancellationToken)
    {
        using var error = new StringWriter();
        var environment = new CliEnvironment
        {
            Input = new StringReader(Input),
            Output = output,
            Error = error,
            IsInputTerminal = IsInputTerminal,
            IsOutputTerminal = IsOutputTerminal,
            Ansi = AnsiSupport.Yes,
            Width = IsOutputTerminal ? Width : null,
            Time = Time,
            Variable = name => Variables.GetValueOrDefault(name),
        };
        var exitCode = await WcApp.RunAsync(args, environment, cancellationToken);
        return new Ran(exitCode, output.Text, error.ToString());
    }
}

/// <summary>A writer that says when something is written.</summary>
internal sealed class Watched : StringWriter
{
    private readonly Lock _gate = new();

    public event Action<string>? Written;

    public string Text
    {
        get
        {
            lock (_gate)
            {
                return ToString();
            }
        }
    }

    public override void Flush() => Written?.Invoke(Text);

    public override void Write(char value)
    {
        lock (_gate)
        {
            base.Write(value);
        }
    }

    public override void Write(char[] buffer, int index, int count)
    {
        lock (_gate)
        {
            base.Write(buffer, index, count);
        }
    }

    public override void Write(string? value)
    {
        lock (_gate)
        {
            base.Write(value);
        }

        Written?.Invoke(Text);
    }
}
