using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace WhiteCross.Cli.Output;

/// <summary>Where a command writes: results to the output, as JSON or for people; errors and notes beside it.</summary>
internal sealed class Screen
{
    // Wide enough that nothing is wrapped for a program that reads lines.
    private const int WidthOfPipes = 1000;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly TextWriter _output;
    private readonly TextWriter _error;

    public Screen(CliEnvironment environment, bool isJson, bool isColorful)
    {
        (_output, _error) = (environment.Output, environment.Error);
        IsJson = isJson;
        IsTerminal = environment.IsOutputTerminal;
        Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = IsTerminal ? environment.Ansi : AnsiSupport.No,
            ColorSystem = isColorful ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new ScreenOutput(environment),
        });
    }

    /// <summary>Whether JSON is wanted.</summary>
    public bool IsJson { get; }

    /// <summary>Whether somebody looks, so that what changes can be drawn again in its place.</summary>
    public bool IsTerminal { get; }

    /// <summary>For what <see cref="Write"/> cannot do.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Writes a JSON document.</summary>
    public void WriteJson(JsonNode? document) => _output.WriteLine(document?.ToJsonString(Indented) ?? "null");

    /// <summary>Writes what a command is about: a JSON document where JSON is wanted, and for people a sentence.</summary>
    public void Answer(JsonNode document, Func<string> sentence) => AnswerBy(document, () => WriteLine(sentence()));

    /// <summary>The same, for people something that is drawn.</summary>
    public void Answer(JsonNode document, Func<IRenderable> drawing) => AnswerBy(document, () => Write(drawing()));

    /// <summary>Writes a JSON document in one line, at once.</summary>
    public void WriteJsonLine(JsonNode document)
    {
        _output.WriteLine(document.ToJsonString(Compact));
        _output.Flush();
    }

    /// <summary>Writes something for people.</summary>
    public void Write(IRenderable what)
    {
        switch (what)
        {
            case Listing listing when !IsTerminal:
                listing.WriteRows(_output);
                break;
            case FactList facts when !IsTerminal:
                facts.WriteRows(_output);
                break;
            default:
                Console.Write(what);
                break;
        }

        _output.Flush();
    }

    /// <summary>Writes a line for people.</summary>
    public void WriteLine(string text) => Write(new Text(Texts.Safe(text) + '\n'));

    /// <summary>Writes a line beside the results.</summary>
    public void Note(string text) => _error.WriteLine(Texts.Safe(text));

    /// <summary>Says why a command was not done: in words, or, where JSON is wanted, as problem details.</summary>
    public void Refuse(CliException exception)
    {
        if (IsJson)
        {
            var problem = exception.Problem?.DeepClone().AsObject() ?? new JsonObject { ["title"] = exception.Message };
            problem["exitCode"] = exception.ExitCode;
            _error.WriteLine(problem.ToJsonString(Indented));
            return;
        }

        var text = new StringBuilder(exception.Message).AppendLine();
        var width = exception.Errors.Count == 0 ? 0 : exception.Errors.Keys.Max(field => field.Length);
        foreach (var (field, messages) in exception.Errors)
        {
            foreach (var message in messages)
            {
                text.Append("  ").Append(field.PadRight(width)).Append("  ").AppendLine(message);
            }
        }

        _error.Write(Texts.Safe(text.ToString()));
    }

    private void AnswerBy(JsonNode document, Action write)
    {
        if (IsJson)
        {
            WriteJson(document);
        }
        else
        {
            write();
        }
    }

    private sealed class ScreenOutput(CliEnvironment environment) : IAnsiConsoleOutput
    {
        private readonly AnsiConsoleOutput _inner = new(environment.Output);

        public TextWriter Writer => environment.Output;

        public bool IsTerminal => environment.IsOutputTerminal;

        public int Width => environment.Width ?? (IsTerminal ? _inner.Width : WidthOfPipes);

        public int Height => _inner.Height;

        public void SetEncoding(Encoding encoding) => _inner.SetEncoding(encoding);
    }
}
