using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client.Transport;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc audit</c>: who changed what.</summary>
internal static class AuditCommand
{
    public static Command Create(CommandRunner runner)
    {
        var limit = Arguments.Positive("--limit", 50, 10_000, "How many entries: 1 to 10000.");
        var verify = runner.Handle(
            new Command("verify", "Looks whether the audit log is whole: nothing missing, inserted or changed. Takes an admin's key."),
            async (session, _, cancellationToken) =>
            {
                var document = await session.Gateway.GetAsync("queue/audit/verify", cancellationToken);
                var isWhole = document["isWhole"]!.GetValue<bool>();
                if (session.Screen.IsJson)
                {
                    session.Screen.WriteJson(document);
                }
                else if (isWhole)
                {
                    session.Screen.WriteLine($"The audit log is whole: {document["entries"]} entries, the newest is number {document["last"]}.");
                }
                else
                {
                    session.Screen.WriteLine($"The audit log is not whole. {document["problem"]}");
                }

                return isWhole ? ExitCodes.Ok : ExitCodes.JobFailed;
            });
        return runner.Handle(new Command("audit", "Shows what was done, looked at and refused, newest first. Takes an admin's key.") { limit, verify }, async (session, arguments, cancellationToken) =>
        {
            var document = await session.Gateway.GetAsync(string.Create(CultureInfo.InvariantCulture, $"queue/audit?limit={arguments.GetValue(limit)}"), cancellationToken);
            if (session.Screen.IsJson)
            {
                session.Screen.WriteJson(document);
                return ExitCodes.Ok;
            }

            var table = Tables.Create("when", "who", "what", "queue", "job or schedule", ">how many", "why");
            foreach (var entry in Answer.As(document, CliJsonContext.Default.AuditList).Entries)
            {
                table.AddRow(
                    Tables.Cell(Texts.Relative(entry.At, session.Now)),
                    Tables.Cell(entry.Who),
                    Tables.Cell(entry.Action),
                    Tables.Cell(entry.Queue ?? "–"),
                    Tables.Cell(entry.Target ?? "–"),
                    Tables.Cell(entry.Count is { } count ? Texts.Number(count) : "–"),
                    Tables.Cell(entry.Reason ?? "–"));
            }

            session.Screen.Write(table);
            return ExitCodes.Ok;
        });
    }
}
