using System.CommandLine;
using System.CommandLine.Invocation;
using WhiteCross.Cli.Commands;
using WhiteCross.Cli.Contexts;

namespace WhiteCross.Cli;

/// <summary>The tool: parses the command line, runs a command against the gateway, and says by the exit code how it went (<see cref="ExitCodes"/>).</summary>
internal static class WcApp
{
    private const string Description =
        $"""
        The White Cross message queues from the command line.

        {ExitCodes.Help}
        """;

    public static async Task<int> RunAsync(IReadOnlyList<string> args, CliEnvironment environment, CancellationToken cancellationToken)
    {
        var runner = new CommandRunner(environment);
        var root = new RootCommand(Description)
        {
            AddCommand.Create(runner),
            JobCommand.Create(runner),
            WhyCommand.Create(runner),
            JobListCommands.CreateJobs(runner),
            JobListCommands.CreateFailed(runner),
            GroupsCommand.Create(runner),
            TailCommand.Create(runner),
            RetryCommand.Create(runner),
            EditCommand.Create(runner),
            UndoCommand.Create(runner),
            JobChangeCommands.CreatePromote(runner),
            JobChangeCommands.CreateCancel(runner),
            JobChangeCommands.CreateRemove(runner),
            MetricsCommand.Create(runner),
            HistoryCommand.Create(runner),
            TrendCommand.Create(runner),
            HealthCommand.Create(runner),
            WorkersCommand.Create(runner),
            QueueCommands.CreatePause(runner),
            QueueCommands.CreateResume(runner),
            QueueCommands.CreateClean(runner),
            BatchCommand.Create(runner),
            SchedulesCommand.Create(runner),
            ProvidersCommand.Create(runner),
            SuppressionsCommand.Create(runner),
            PeopleCommand.Create(runner),
            AuditCommand.Create(runner),
            ImportCommand.Create(runner),
            ContextCommand.Create(runner),
            CompletionCommand.Create(runner),
        };
        foreach (var option in runner.Globals.All)
        {
            root.Options.Add(option);
        }

        var parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction or null)
        {
            foreach (var error in parsed.Errors)
            {
                await environment.Error.WriteLineAsync(error.Message.AsMemory(), cancellationToken);
            }

            await environment.Error.WriteLineAsync($"See {Path(parsed.CommandResult)} --help.".AsMemory(), cancellationToken);
            return ExitCodes.WrongInput;
        }

        return await parsed.InvokeAsync(
            new InvocationConfiguration { Output = environment.Output, Error = environment.Error, EnableDefaultExceptionHandler = false }, cancellationToken);
    }

    // The root's own name is that of the host process, which may be dotnet.
    private static string Path(System.CommandLine.Parsing.CommandResult command) =>
        command.Parent is System.CommandLine.Parsing.CommandResult parent ? $"{Path(parent)} {command.Command.Name}" : "wc";
}
