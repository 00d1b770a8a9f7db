using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace WhiteCross.Settings;

/// <summary>Registers settings: a section of the configuration as an object, checked when the service starts.</summary>
public static class SettingsExtensions
{
    /// <summary>
    /// Binds a section and checks it at start-up: every name in it is a setting, every value can be read, the data annotations hold
    /// (<c>[Range]</c> beside the default, <c>[Required]</c>, <c>[StringLength]</c>), and so do the type's own rules
    /// (<see cref="ICheckedSettings"/>). All that is wrong is told at once, in an <see cref="OptionsValidationException"/>: a sentence each, with the
    /// setting's full name, its value where that is no text, and what is allowed.
    /// </summary>
    /// <typeparam name="TSettings">The settings.</typeparam>
    /// <param name="services">The application's services.</param>
    /// <param name="section">The section's name, for example <c>Email</c>.</param>
    /// <returns>The options, for further rules.</returns>
    public static OptionsBuilder<TSettings> AddSettings<TSettings>(this IServiceCollection services, string section)
        where TSettings : class
    {
        services.AddSingleton<IOptionsChangeTokenSource<TSettings>>(provider =>
            new ConfigurationChangeTokenSource<TSettings>(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton<IConfigureOptions<TSettings>>(provider =>
            new ConfigureFromSection<TSettings>(provider.GetRequiredService<IConfiguration>().GetSection(section)));
        services.AddSingleton<IValidateOptions<TSettings>>(new ValidateSettings<TSettings>(section));
        services.AddKnown(new KnownSection(section, typeof(TSettings), []));
        return services.AddOptions<TSettings>().ValidateOnStart();
    }

    /// <summary>Binds a section to settings as <see cref="AddSettings{TSettings}"/> does: a name that is no setting, and a value that cannot be read, are refused.</summary>
    /// <param name="section">The section.</param>
    /// <param name="settings">The settings.</param>
    /// <exception cref="OptionsValidationException">Something in the section is wrong; it has a sentence for each.</exception>
    public static void BindChecked(this IConfigurationSection section, object settings)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(settings);

        // The binder passes over names that it does not know, and gives up at the first value that it cannot read.
        var (problems, values) = SectionReading.Read(section, settings.GetType());
        if (problems.Count > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, settings.GetType(), problems);
        }

        values.Bind(settings);
    }

    private sealed class ConfigureFromSection<TSettings>(IConfigurationSection section) : IConfigureOptions<TSettings>
        where TSettings : class
    {
        public void Configure(TSettings options) => section.BindChecked(options);
    }

    private sealed class ValidateSettings<TSettings>(string section) : IValidateOptions<TSettings>
        where TSettings : class
    {
        public ValidateOptionsResult Validate(string? name, TSettings options)
        {
            var problems = SettingsRules.Problems(section, options);
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
