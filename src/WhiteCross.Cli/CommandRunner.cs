using System.CommandLine;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client.Transport;

namespace WhiteCross.Cli;

/// <summary>Runs commands: gives each what it works with, and turns what stops it into an exit code.</summary>
internal sealed class CommandRunner(CliEnvironment environment)
{
    public GlobalOptions Globals { get; } = new();

    /// <summary>Says what a command does that asks no gateway.</summary>
    /// <param name="command">The command.</param>
    /// <param name="action">What it does.</param>
    /// <returns>The command.</returns>
    public Command HandleAlone(Command command, Action<CliEnvironment, Screen, ParseResult> action)
    {
        command.SetAction(arguments =>
        {
            var screen = new Screen(environment, Globals.IsJson(arguments), Globals.IsColorful(arguments, environment));
            try
            {
                action(environment, screen, arguments);
                return ExitCodes.Ok;
            }
            catch (CliException exception)
            {
                screen.Refuse(exception);
                return exception.ExitCode;
            }
        });
        return command;
    }

    /// <summary>Says what a command does.</summary>
    /// <param name="command">The command.</param>
    /// <param name="action">What it does; returns its exit code.</param>
    /// <returns>The command.</returns>
    public Command Handle(Command command, Func<Session, ParseResult, CancellationToken, Task<int>> action)
    {
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var screen = new Screen(environment, Globals.IsJson(arguments), Globals.IsColorful(arguments, environment));
            try
            {
                var (url, key, token) = Globals.Gateway(arguments, environment);
                using var connection = new GatewayConnection(url, key, token, environment.Time);
                return await action(new Session(environment, screen, connection.Transport), arguments, cancellationToken);
            }
            catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
            {
                screen.Refuse(refusal);
                return refusal.ExitCode;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return ExitCodes.Interrupted;
            }
        });
        return command;
    }
}

/// <summary>What a command works with.</summary>
/// <param name="Environment">What is around it.</param>
/// <param name="Screen">Where it writes.</param>
/// <param name="Gateway">What it asks.</param>
internal sealed record Session(CliEnvironment Environment, Screen Screen, GatewayTransport Gateway)
{
    /// <summary>The same about queues and jobs.</summary>
    public QueueRequests Queues { get; } = new(Gateway);

    public DateTimeOffset Now => Environment.Time.GetUtcNow();

    /// <summary>Asks before something that cannot be put right again, or touches many jobs.</summary>
    /// <param name="isYes">Whether <c>--yes</c> was given.</param>
    /// <param name="question">The question, with its mark.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CliException">The answer was no, or nobody is there to give one.</exception>
    public async Task ConfirmAsync(bool isYes, string question, CancellationToken cancellationToken)
    {
        if (isYes)
        {
            return;
        }

        if (!Environment.IsInputTerminal)
        {
            throw new CliException(ExitCodes.WrongInput, "Nothing was changed: without a terminal to ask on, say --yes.");
        }

        await Environment.Error.WriteAsync($"{Texts.Safe(question)} [y/N] ".AsMemory(), cancellationToken);
        await Environment.Error.FlushAsync(cancellationToken);
        // A console's reader cannot be cancelled; Ctrl-C must not wait for it.
        var answer = await Task.Run(Environment.Input.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
        if (answer?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
        {
            throw new CliException(ExitCodes.WrongInput, "Nothing was changed.");
        }
    }
}
