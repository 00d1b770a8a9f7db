using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using WhiteCross.Cli.Adding;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc schedules</c>: repeatable jobs.</summary>
internal static class SchedulesCommand
{
    public static Command Create(CommandRunner runner)
    {
        var queue = Arguments.OptionalQueue();
        var command = new Command("schedules", "Lists the schedules of a queue, or of all, with their next planned times.")
        {
            queue,
            Put(runner),
            Change(runner, "run", "Adds a schedule's job now, beside the planned times.", ShowJob),
            Change(runner, "enable", "Lets a schedule run again, from its next planned time.", ShowSchedule),
            Change(runner, "disable", "Stops a schedule without removing it.", ShowSchedule),
            Remove(runner),
        };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            IEnumerable<string> queues = arguments.GetValue(queue) is { } name ? [name] : JobQueues.All.Select(known => known.Name);
            var lists = await Task.WhenAll(queues.Select(each => session.Gateway.GetAsync(GatewayTransport.PathOf("queue", each, "schedules"), cancellationToken)));
            var schedules = lists.SelectMany(list => list["schedules"]!.AsArray()).Select(schedule => schedule!.DeepClone()).ToList();
            if (!session.Screen.IsJson)
            {
                Show(session, schedules.Select(schedule => Answer.As(schedule, JobsJsonContext.Default.JobSchedule)));
                return ExitCodes.Ok;
            }

            session.Screen.WriteJson(new JsonObject
            {
                ["schedules"] = new JsonArray([.. schedules.Select(WithoutData)]),
            });
            return ExitCodes.Ok;
        });
    }

    private static Argument<string> Id() => new("id") { Description = "The schedule's id." };

    private static Option<string?> Queue() => Arguments.QueueOption("The schedule's queue. Default: whichever has a schedule of that id.");

    /// <summary>As the gateway lists it: a clean-up's job says what will be deleted, and is about nobody; what another's is about is not shown.</summary>
    private static JsonNode WithoutData(JsonNode schedule)
    {
        if (schedule["queue"]?.GetValue<string>() != JobQueues.MessageCleanup)
        {
            (schedule["job"] as JsonObject)?.Remove("data");
        }

        return schedule;
    }

    private static Command Put(CommandRunner runner)
    {
        var file = new Argument<string>("file") { Description = "A JSON file, or - for the input: {id?, cron or every, timeZone?, limit?, overlap?, enabled?, job: envelope}." };
        var queue = new Option<string>("--queue") { Description = "The queue.", Required = true, HelpName = "queue" };
        return runner.Handle(new Command("put", "Makes a schedule, or changes the one of the same id.") { file, queue }, async (session, arguments, cancellationToken) =>
        {
            var document = await JobFile.ReadAsync(session.Environment.Input, arguments.GetValue(file)!, cancellationToken);
            var body = JsonBody.Of(document);
            ShowSchedule(session, await session.Gateway.SendAsync(HttpMethod.Post, GatewayTransport.PathOf("queue", arguments.GetValue(queue)!, "schedules"), body, cancellationToken));
            return ExitCodes.Ok;
        });
    }

    private static Command Change(CommandRunner runner, string action, string description, Action<Session, JsonNode> show)
    {
        var (id, queue) = (Id(), Queue());
        return runner.Handle(new Command(action, description) { id, queue }, async (session, arguments, cancellationToken) =>
        {
            var path = await FindAsync(session.Gateway, arguments.GetValue(id)!, arguments.GetValue(queue), cancellationToken);
            show(session, await session.Gateway.SendAsync(HttpMethod.Post, $"{path}/{action}", null, cancellationToken));
            return ExitCodes.Ok;
        });
    }

    private static Command Remove(CommandRunner runner)
    {
        var (id, queue, yes) = (Id(), Queue(), Arguments.Yes());
        var command = new Command("remove", "Removes a schedule; jobs that it has added stay. Asks first. Takes an admin's key.") { id, queue, yes };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var path = await FindAsync(session.Gateway, arguments.GetValue(id)!, arguments.GetValue(queue), cancellationToken);
            await session.ConfirmAsync(arguments.GetValue(yes), $"Remove schedule {arguments.GetValue(id)} for good?", cancellationToken);
            await session.Gateway.SendAsync(HttpMethod.Delete, path, null, cancellationToken);
            session.Screen.Answer(new JsonObject { ["id"] = arguments.GetValue(id), ["removed"] = true }, () => $"{arguments.GetValue(id)} is removed.");
            return ExitCodes.Ok;
        });
    }

    private static async Task<string> FindAsync(GatewayTransport gateway, string id, string? queue, CancellationToken cancellationToken)
    {
        string PathIn(string queue) => GatewayTransport.PathOf("queue", queue, "schedules", id);
        var (found, _) = await QueueFinder.FindAsync(gateway, "schedule", id, queue, PathIn, cancellationToken);
        return PathIn(found);
    }

    private static void ShowJob(Session session, JsonNode accepted) => session.Screen.Answer(accepted, () => accepted["jobId"]!.GetValue<string>());

    private static void ShowSchedule(Session session, JsonNode document)
    {
        if (session.Screen.IsJson)
        {
            session.Screen.WriteJson(WithoutData(document));
            return;
        }

        var schedule = Answer.As(document, JobsJsonContext.Default.JobSchedule);
        session.Screen.WriteLine(schedule.Enabled
            ? $"{schedule.Id} is enabled; the next run is {Texts.Relative(schedule.NextRunAt, session.Now)}."
            : $"{schedule.Id} is disabled.");
    }

    private static void Show(Session session, IEnumerable<JobSchedule> schedules)
    {
        var table = Tables.Create("schedule", "queue", "when", "enabled", "next", "last", ">runs", ">skipped");
        foreach (var schedule in schedules)
        {
            table.AddRow(
                Tables.Cell(schedule.Id),
                Tables.Cell(schedule.Queue),
                Tables.Cell(schedule.Every is { } every ? $"every {Texts.Span(TimeSpan.FromMilliseconds(every))}" : $"{schedule.Cron} {schedule.TimeZone}"),
                Tables.Cell(schedule.Enabled ? "yes" : "no", schedule.Enabled ? Tables.Good : Tables.Warning),
                Tables.Cell(schedule.Enabled ? Texts.Relative(schedule.NextRunAt, session.Now) : "–"),
                Tables.Cell(Texts.Relative(schedule.LastRunAt, session.Now)),
                Tables.Cell(schedule.Runs),
                Tables.Cell(schedule.Skipped));
        }

        if (table.Count == 0)
        {
            session.Screen.Note("No schedules.");
        }
        else
        {
            session.Screen.Write(table);
        }
    }
}
