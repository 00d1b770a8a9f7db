using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using WhiteCross.Cli.Adding;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc add</c>: a job, or many, from a file.</summary>
internal static class AddCommand
{
    public static Command Create(CommandRunner runner)
    {
        var file = new Argument<string>("file") { Description = "A JSON file, or - for the input: an envelope {type, data, options}, a job's data alone, or many envelopes [...]." };
        var queue = Arguments.QueueOption("The queue. Default: the one that takes the job's type.");
        var type = new Option<string?>("--type") { Description = "The job's type, where the file does not say it.", HelpName = "type" };
        var priority = PriorityOption("How urgent it is.");
        var id = new Option<string?>("--id") { Description = "The job's id, the idempotency key: the same id again adds no second job.", HelpName = "id" };
        var delay = Arguments.Span("--delay", "How long to wait before the first attempt.");
        var recipients = new Option<string?>("--recipients") { Description = "A file of a batch's recipients, .csv or .ndjson, however many.", HelpName = "file" };
        var wait = new Option<bool>("--wait") { Description = "Follow the job until it ends; exits with 1 if it failed." };
        var command = new Command("add", "Adds a job and prints its id.") { file, queue, type, priority, id, delay, recipients, wait };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var wish = new JobWish(arguments.GetValue(queue), arguments.GetValue(type), arguments.GetValue(priority), arguments.GetValue(id), arguments.GetValue(delay));
            var read = await JobFile.ReadAsync(session.Environment.Input, arguments.GetValue(file)!, cancellationToken);
            if (JobFile.ManyOf(read) is { } many)
            {
                return wish.JobId is not null || arguments.GetValue(wait) || arguments.GetValue(recipients) is not null
                    ? throw new CliException(ExitCodes.WrongInput, "--id, --wait and --recipients are for one job; the file has many.")
                    : await BulkAdding.AddAsync(session, many, wish, cancellationToken);
            }

            var envelope = JobFile.EnvelopeOf(read, wish);
            var name = JobFile.QueueOf(envelope, wish);
            var path = GatewayTransport.PathOf("queue", name, "jobs");
            var list = arguments.GetValue(recipients);
            var jobId = JobFile.IdOf(envelope, session.Environment.Time);
            var answer = await AddAsync(session.Gateway, path, () => list is null ? JsonBody.Of(envelope) : RecipientFile.Open(list, envelope), jobId, cancellationToken);
            var accepted = Content.Without(answer.Document);
            // A job that was there is answered with its record, which may have been removed meanwhile; its id stays taken.
            var isGone = answer.Status == HttpStatusCode.OK && accepted["createdAt"] is null;
            if (answer.Status == HttpStatusCode.OK)
            {
                session.Screen.Note(isGone ? $"A job of that id was there before and will not run again: it has {accepted["remains"] ?? "ended"}; its record has been removed." : $"A job of that id is there already; it is {accepted["state"]}.");
            }

            return await ShowAsync(session, name, accepted, arguments.GetValue(wait) && !isGone, cancellationToken);
        });
    }

    public static Option<string?> PriorityOption(string description)
    {
        var option = new Option<string?>("--priority") { Description = description, HelpName = "LOW|NORMAL|HIGH|CRITICAL" };
        option.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, [.. Enum.GetNames<JobPriority>().Select(name => name.ToUpperInvariant())]);
        return option;
    }

    private static async Task<GatewayAnswer> AddAsync(GatewayTransport gateway, string path, Func<HttpContent> open, string jobId, CancellationToken cancellationToken)
    {
        try
        {
            return (await gateway.AddAsync(path, open, jobId, cancellationToken)).Answer;
        }
        catch (JobsUnavailableException exception) when (exception.IsOutcomeUnknown)
        {
            throw Refusals.OfUnknownAdd(exception, $"job '{jobId}' was added: see wc job {jobId}, or add it again with --id {jobId}");
        }
    }

    private static async Task<int> ShowAsync(Session session, string queue, JsonNode accepted, bool waits, CancellationToken cancellationToken)
    {
        var jobId = accepted["jobId"]!.GetValue<string>();
        if (!session.Screen.IsJson)
        {
            session.Screen.WriteLine(jobId);
            return waits ? await JobFollowing.ShowAsync(session, queue, jobId, cancellationToken) : ExitCodes.Ok;
        }

        if (!waits)
        {
            session.Screen.WriteJson(accepted);
            return ExitCodes.Ok;
        }

        var end = await JobFollowing.FollowAsync(session, queue, jobId, _ => { }, cancellationToken);
        // A job that is to be forgotten when it has ended has no record.
        var record = await session.Queues.FindAsync(queue, jobId, cancellationToken);
        session.Screen.WriteJson(record is null ? JobFollowing.DocumentOf(end) : Content.Without(record.Document));
        return end.Event.State == JobState.Failed ? ExitCodes.JobFailed : ExitCodes.Ok;
    }
}
