using System.CommandLine;
using System.Net.Http;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc job</c>: all that is known of one job.</summary>
internal static class JobCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(CommandRunner runner)
    {
        var id = Arguments.JobId();
        var queue = Arguments.QueueOption();
        var data = new Option<bool>("--data") { Description = "Also what the job is about, and its result. Somebody's data: that you looked is written to the audit log." };
        var reason = new Option<string?>("--reason") { Description = "With --data: why you must see it, at most 200 characters; for the audit log." };
        var command = new Command("job", "Shows a job: its state, attempts with their errors, progress, steps, log.") { id, queue, data, reason };
        command.Validators.Add(result =>
        {
            if (result.GetValue(data) && string.IsNullOrWhiteSpace(result.GetValue(reason)))
            {
                result.AddError("--data needs --reason: why you must see it. Both are written to the audit log.");
            }
        });
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var found = await JobFinder.FindAsync(session.Gateway, arguments.GetValue(id)!, arguments.GetValue(queue), cancellationToken);
            if (arguments.GetValue(data))
            {
                found = found with { Document = await session.Gateway.SendAsync(HttpMethod.Post, $"{found.Path}/reveal?reason={Uri.EscapeDataString(arguments.GetValue(reason)!)}", null, cancellationToken) };
            }

            if (session.Screen.IsJson)
            {
                session.Screen.WriteJson(found.Document);
            }
            else
            {
                Show(session, found.Record, arguments.GetValue(data));
            }

            return ExitCodes.Ok;
        });
    }

    private static void Show(Session session, JobRecord job, bool withData)
    {
        var (screen, now) = (session.Screen, session.Now);
        screen.Write(Tables.Facts(
            ("Job", Tables.Cell(job.JobId)),
            ("Queue", Tables.Cell(job.Queue)),
            ("Type", Tables.Cell(job.Type.Length > 0 ? job.Type : "–")),
            ("State", Tables.Cell(job.State)),
            ("Priority", Tables.Cell(job.Priority.ToString().ToUpperInvariant())),
            ("Attempts", Tables.Cell($"{job.AttemptsMade} of {job.MaxAttempts}")),
            ("Progress", Tables.Cell(JobFollowing.ProgressOf(job.Progress))),
            ("Added", Tables.Cell(Texts.Relative(job.CreatedAt, now))),
            ("Started", job.StartedAt is { } started ? Tables.Cell(Texts.Relative(started, now)) : null),
            ("Finished", job.FinishedAt is { } finished ? Tables.Cell(Texts.Relative(finished, now)) : null),
            ("Due", job.NextAttemptAt is { } due ? Tables.Cell(Texts.Relative(due, now)) : null),
            ("Error", job.Error is { } error ? Tables.Cell($"{error.Message} ({error.Code})", Tables.Bad) : null),
            ("Steps", job.Steps.Count > 0 ? Tables.Cell(string.Join(", ", job.Steps)) : null),
            ("Trace", job.TraceId is { } trace ? Tables.Cell(trace) : null)));
        if (job.Attempts.Count > 0)
        {
            var table = Tables.Create(">attempt", "began", ">took", "ended");
            foreach (var attempt in job.Attempts)
            {
                table.AddRow(
                    Tables.Cell($"{attempt.Number}"),
                    Tables.Cell(Texts.Relative(attempt.StartedAt, now)),
                    Tables.Cell(Texts.Span(attempt.FinishedAt - attempt.StartedAt)),
                    attempt.Error is { } why ? Tables.Cell($"{Texts.Line(why.Message)} ({why.Code})", Tables.Bad) : Tables.Cell("well", Tables.Good));
            }

            screen.Write(table);
        }

        foreach (var line in job.Logs)
        {
            screen.Write(new Text($"  {Texts.Line(line, 1024)}\n", Tables.Quiet));
        }

        if (withData)
        {
            ShowJson(screen, "Data", job.Data);
            ShowJson(screen, "Result", job.Result);
        }
    }

    private static void ShowJson(Screen screen, string name, JsonElement? json)
    {
        if (json is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } value)
        {
            screen.WriteLine($"{name}:\n{JsonSerializer.Serialize(value, Indented)}");
        }
    }
}
