using System.CommandLine;
using System.Text.Json.Nodes;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc providers</c>: how the providers of mail, SMS and push are.</summary>
internal static class ProvidersCommand
{
    public static Command Create(CommandRunner runner) =>
        runner.Handle(new Command("providers", "Shows which providers of notifications are away since when, what waits for them, and settings that were forgotten."), async (session, _, cancellationToken) =>
        {
            var document = await session.Gateway.GetAsync("queue/message-notification/providers", cancellationToken);
            if (session.Screen.IsJson)
            {
                session.Screen.WriteJson(document);
                return ExitCodes.Ok;
            }

            var table = Tables.Create("provider", "state", "away since", "next try", ">waiting");
            foreach (var provider in document["providers"]!.AsArray().Select(one => one!))
            {
                var isAway = provider["isAway"]!.GetValue<bool>();
                table.AddRow(
                    Tables.Cell(provider["provider"]!.GetValue<string>()),
                    Tables.Cell(isAway ? "away" : "answers", isAway ? Tables.Bad : Tables.Good),
                    Tables.Cell(Relative(provider["openSince"], session.Now)),
                    Tables.Cell(Relative(provider["nextTry"], session.Now)),
                    Tables.Cell(provider["waiting"]!.GetValue<long>(), Tables.Warning));
            }

            if (table.Count == 0)
            {
                session.Screen.Note("No provider is known: the notification service does not answer, or none is set.");
            }
            else
            {
                session.Screen.Write(table);
            }

            foreach (var warning in document["warnings"]!.AsArray())
            {
                session.Screen.Note(warning!.GetValue<string>());
            }

            return ExitCodes.Ok;
        });

    private static string Relative(JsonNode? time, DateTimeOffset now) =>
        time is not null && Rfc3339.TryParse(time.GetValue<string>(), out var at) ? Texts.Relative(at, now) : "–";
}
