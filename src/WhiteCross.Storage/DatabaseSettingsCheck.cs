using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WhiteCross.Settings;

namespace WhiteCross.Storage;

/// <summary>Reads the database's settings before anything starts, so that what is wrong with them is told together with the rest.</summary>
internal sealed class DatabaseSettingsCheck(IServiceProvider services) : IValidateOptions<DatabaseSettingsCheck.Subject>
{
    public ValidateOptionsResult Validate(string? name, Subject options)
    {
        try
        {
            services.GetRequiredService<ServiceDatabase>().CreateDirectory();
            return ValidateOptionsResult.Success;
        }
        catch (SettingsException exception)
        {
            return ValidateOptionsResult.Fail(exception.Message);
        }
    }

    /// <summary>Nothing but something to hang the check at start-up on.</summary>
    internal sealed class Subject;
}
