using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace WhiteCross.Settings;

/// <summary>What is wrong with the settings of an application, as sentences: for a start that says so in a line each, without a stack.</summary>
public static class SettingsProblems
{
    /// <summary>Checks all settings that are to be checked at start-up, before anything starts.</summary>
    /// <param name="services">The application's services.</param>
    /// <returns>A sentence for each that is wrong; empty where all is well.</returns>
    public static IReadOnlyList<string> Find(IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(services);
        try
        {
            services.GetService<IStartupValidator>()?.Validate();
            return [];
        }
        catch (Exception exception) when (In(exception) is { Count: > 0 } problems)
        {
            return problems;
        }
    }

    /// <summary>The same, as an exception.</summary>
    /// <param name="services">The application's services.</param>
    /// <exception cref="OptionsValidationException">Settings are wrong; it has a sentence for each.</exception>
    public static void ThrowIfAny(IServiceProvider services)
    {
        if (Find(services) is { Count: > 0 } problems)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(SettingsProblems), problems);
        }
    }

    /// <summary>The sentences that an exception holds about settings; empty where it is about something else.</summary>
    /// <param name="exception">The exception.</param>
    public static IReadOnlyList<string> In(Exception exception) => exception switch
    {
        SettingsException settings => [settings.Message],
        OptionsValidationException options => [.. options.Failures],
        AggregateException several when several.InnerExceptions.All(one => In(one).Count > 0) => [.. several.InnerExceptions.SelectMany(In).Distinct()],
        _ => [],
    };
}
