using System.Text.Json.Nodes;
using Spectre.Console;
using Spectre.Console.Rendering;
using WhiteCross.Cli.Output;

namespace WhiteCross.Cli.Commands;

/// <summary>Looking again and again: drawn in place on a terminal, one after the other elsewhere, a document a line as JSON.</summary>
internal static class Watching
{
    /// <summary>Looks until there is nothing more to see.</summary>
    /// <param name="session">What to work with.</param>
    /// <param name="pause">The pause between two looks.</param>
    /// <param name="look">Looks; what it saw, and whether to look again.</param>
    /// <param name="draw">How it is shown on a terminal.</param>
    /// <param name="line">How a change is shown elsewhere; null: as on a terminal.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What was seen last.</returns>
    public static async Task<JsonNode> RunAsync(
        Session session,
        TimeSpan pause,
        Func<Task<(JsonNode Seen, bool GoesOn)>> look,
        Func<JsonNode, IRenderable> draw,
        Func<JsonNode, IRenderable>? line,
        CancellationToken cancellationToken)
    {
        var screen = session.Screen;
        if (screen.IsJson || !screen.IsTerminal)
        {
            string? shown = null;
            return await LookAsync(seen =>
            {
                if (screen.IsJson)
                {
                    screen.WriteJsonLine(seen);
                }
                else if (Draw(seen) is var text && text != shown)
                {
                    screen.Console.Profile.Out.Writer.Write(shown = text);
                    screen.Console.Profile.Out.Writer.Flush();
                }
            });
        }

        return await screen.Console.Live(Text.Empty).StartAsync(live => LookAsync(seen => live.UpdateTarget(draw(seen))));

        async Task<JsonNode> LookAsync(Action<JsonNode> show)
        {
            while (true)
            {
                var (seen, goesOn) = await look();
                show(seen);
                if (!goesOn)
                {
                    return seen;
                }

                await Task.Delay(pause, session.Environment.Time, cancellationToken);
            }
        }

        string Draw(JsonNode seen)
        {
            var text = new StringWriter();
            new Screen(session.Environment with { Output = text, IsOutputTerminal = false }, isJson: false, isColorful: false).Write((line ?? draw)(seen));
            return text.ToString();
        }
    }
}
