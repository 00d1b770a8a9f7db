using System.CommandLine;
using StackExchange.Redis;
using WhiteCross.Cli.Importing;
using WhiteCross.Cli.Output;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc import bull</c>: takes the jobs of Bull's or BullMQ's queues.</summary>
internal static class ImportCommand
{
    private const string RedisVariable = "WC_BULL_REDIS";

    private static readonly BullState[] Offered = [BullState.Waiting, BullState.Prioritized, BullState.Delayed, BullState.Failed];

    public static Command Create(CommandRunner runner) => new("import", "Takes jobs from another system.") { CreateBull(runner) };

    private static Command CreateBull(CommandRunner runner)
    {
        var redis = new Option<string?>("--redis") { Description = $"The Redis of Bull: host:port, or redis://user:password@host:port/database. Default: {RedisVariable}, else {BullAddress.Default}. A password belongs into {RedisVariable}.", HelpName = "address" };
        var prefix = new Option<string>("--prefix") { Description = "The prefix of Bull's keys. Default: bull.", DefaultValueFactory = _ => "bull", HelpName = "text" };
        var queue = new Option<string[]>("--queue") { Description = "Only this queue of Bull; may be given several times. Default: all that are there.", HelpName = "name" };
        var state = new Option<string[]>("--state") { Description = "Only jobs in this state: waiting, prioritized, delayed or failed; may be given several times. Default: all four.", HelpName = "state" };
        state.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, [.. Offered.Select(Texts.Word)]);
        var type = new Option<string[]>("--type") { Description = "What Bull's jobs of a name are here: NAME=job-type; may be given several times. A name that is a job type needs none.", HelpName = "name=type" };
        var priority = new Option<string[]>("--priority") { Description = $"What Bull's priorities are here: {PriorityMap.Rule}; may be given several times. Default: none is NORMAL, 1 CRITICAL, 2-5 HIGH, 6-10 NORMAL, above LOW.", HelpName = "map" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be taken and what not, and why." };
        var report = new Option<string?>("--report") { Description = "A file to write a line of JSON to for each job.", HelpName = "file" };
        var yes = Arguments.Yes();
        var command = new Command("bull", "Takes the waiting, prioritized, delayed and failed jobs of Bull or BullMQ. Each is taken out of Bull as it is added here, and none twice. Asks first.")
        {
            redis, prefix, queue, state, type, priority, dryRun, report, yes,
        };
        return runner.Handle(command, async (session, arguments, cancellationToken) =>
        {
            var mapping = new BullMapping(ReadTypes(arguments.GetValue(type) ?? []), ReadPriorities(arguments.GetValue(priority) ?? []), session.Now);
            var isDryRun = arguments.GetValue(dryRun);
            await using var connection = await ConnectAsync(session, arguments.GetValue(redis));
            try
            {
                var queues = await ChooseAsync(connection, arguments.GetValue(prefix)!, arguments.GetValue(queue) ?? [], cancellationToken);
                var states = (arguments.GetValue(state) is { Length: > 0 } chosen ? chosen.Select(name => Enum.Parse<BullState>(name, ignoreCase: true)) : Offered).ToHashSet();
                var import = new BullImport(session, mapping, isDryRun);
                if (arguments.GetValue(report) is { } place)
                {
                    // That it can be written is found out before anything is taken.
                    await import.Report.WriteAsync(place, cancellationToken);
                }

                foreach (var from in queues)
                {
                    session.Screen.Note($"{from.Name}: {await from.LibraryAsync()}");
                }

                if (!isDryRun)
                {
                    await session.ConfirmAsync(arguments.GetValue(yes), $"Take the {string.Join(", ", states.Select(Texts.Word))} jobs of {string.Join(", ", queues.Select(from => from.Name))} out of Bull?", cancellationToken);
                    // Before anything is taken: that the gateway answers, and lets us in.
                    await session.Queues.MetricsAsync(cancellationToken);
                }

                try
                {
                    foreach (var from in queues)
                    {
                        await import.RunAsync(from, states, cancellationToken);
                    }
                }
                finally
                {
                    if (arguments.GetValue(report) is { } file)
                    {
                        await import.Report.WriteAsync(file, cancellationToken);
                    }
                }

                import.Report.Show(session.Screen);
                return import.Report.HasLeft ? ExitCodes.WrongInput : ExitCodes.Ok;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                throw new CliException(ExitCodes.Unavailable, $"Bull's Redis stopped answering ({exception.GetType().Name}). Nothing is lost: run the same command again, and it goes on.");
            }
        });
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(Session session, string? given)
    {
        var name = given is null ? RedisVariable : "--redis";
        var options = BullAddress.Read(given ?? session.Environment.Variable(RedisVariable) ?? BullAddress.Default, name);
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(options);
        }
        catch (RedisConnectionException)
        {
            throw new CliException(ExitCodes.Unavailable, $"Bull's Redis at {options.EndPoints[0]} cannot be reached, or refuses the password: is {name} right?");
        }
    }

    private static async Task<IReadOnlyList<BullQueue>> ChooseAsync(IConnectionMultiplexer connection, string prefix, string[] wanted, CancellationToken cancellationToken)
    {
        var there = await BullQueue.FindAsync(connection, prefix, cancellationToken);
        if (there.Count == 0)
        {
            throw new CliException(ExitCodes.NotFound, $"No queue of Bull is there under the prefix '{prefix}': are --redis, its database and --prefix right?");
        }

        return wanted.FirstOrDefault(name => there.All(queue => queue.Name != name)) is { } missing
            ? throw new CliException(ExitCodes.NotFound, $"Bull has no queue '{missing}'; there are: {string.Join(", ", there.Select(queue => queue.Name))}.")
            : wanted.Length == 0 ? there : [.. there.Where(queue => wanted.Contains(queue.Name, StringComparer.Ordinal))];
    }

    private static Dictionary<string, string> ReadTypes(IReadOnlyList<string> pairs)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        var known = Jobs.Contracts.JobQueues.All.SelectMany(queue => queue.JobTypes).ToList();
        foreach (var pair in pairs)
        {
            // A name may hold "="; a type does not.
            var split = pair.LastIndexOf('=');
            if (split <= 0 || !known.Contains(pair[(split + 1)..], StringComparer.Ordinal))
            {
                throw new CliException(ExitCodes.WrongInput, $"--type '{pair}' must be NAME=type; the types are {string.Join(", ", known)}.");
            }

            types[pair[..split]] = pair[(split + 1)..];
        }

        return types;
    }

    private static PriorityMap ReadPriorities(IReadOnlyList<string> rules)
    {
        var map = new PriorityMap();
        return rules.FirstOrDefault(rule => !map.TryAdd(rule)) is { } wrong
            ? throw new CliException(ExitCodes.WrongInput, $"--priority '{wrong}' must be {PriorityMap.Rule}.")
            : map;
    }
}
