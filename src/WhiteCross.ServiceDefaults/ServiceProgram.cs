using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using WhiteCross.Settings;

namespace WhiteCross.ServiceDefaults;

/// <summary>A service as a program: what is wrong with its settings is a line each on standard error, not a stack.</summary>
public static class ServiceProgram
{
    /// <summary>Builds the service, which checks its settings, and runs it until it is stopped; or migrates its database, see <see cref="DatabaseMigrationExtensions"/>.</summary>
    /// <param name="name">The service's name.</param>
    /// <param name="args">The command line.</param>
    /// <param name="create">Builds it.</param>
    /// <returns>The exit code: 0, or 1 when it could not start.</returns>
    public static async Task<int> RunAsync(string name, string[] args, Func<WebApplication> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        try
        {
            await create().RunOrMigrateAsync(args);
            return 0;
        }
        catch (Exception exception) when (SettingsProblems.In(exception) is { Count: > 0 } problems)
        {
            return await RefuseAsync(name, problems);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            return await RefuseAsync(name, [$"{exception.Message.TrimEnd('.')}. Stop what listens there, or name another address with --urls."]);
        }
    }

    private static async Task<int> RefuseAsync(string name, IReadOnlyList<string> problems)
    {
        foreach (var problem in problems)
        {
            await Console.Error.WriteLineAsync($"{name} cannot start: {problem}");
        }

        return 1;
    }
}
