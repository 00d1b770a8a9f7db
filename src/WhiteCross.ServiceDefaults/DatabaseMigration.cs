using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Settings;

namespace WhiteCross.ServiceDefaults;

/// <summary>Brings a service's database up to the shape of this version. A service that has a database registers one.</summary>
public interface IDatabaseMigration
{
    /// <summary>Does it; nothing where nothing is left to do. Several instances may do it at once.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    Task MigrateAsync(CancellationToken cancellationToken);
}

/// <summary>A service's two ways to run.</summary>
public static class DatabaseMigrationExtensions
{
    /// <summary>The argument that makes a service bring its database up to date, and end.</summary>
    public const string Argument = "migrate";

    /// <summary>Runs the service until it is stopped; or, with the argument <see cref="Argument"/>, only migrates its database: what a deployment does first.</summary>
    /// <param name="app">The service.</param>
    /// <param name="args">The command line.</param>
    /// <exception cref="InvalidOperationException">It is to migrate, and has no database.</exception>
    public static async Task RunOrMigrateAsync(this WebApplication app, string[] args)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (!args.Contains(Argument))
        {
            await app.RunAsync();
            return;
        }

        await using (app)
        {
            IDatabaseMigration[] migrations = [.. app.Services.GetServices<IDatabaseMigration>()];
            if (migrations.Length == 0)
            {
                throw new SettingsException($"{app.Environment.ApplicationName} has no database to {Argument}; start it without that argument.");
            }

            foreach (var migration in migrations)
            {
                await migration.MigrateAsync(CancellationToken.None);
            }
        }
    }
}
