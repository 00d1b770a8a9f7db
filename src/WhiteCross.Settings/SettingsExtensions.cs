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
        return services.AddOptions<TSettings>().ValidateOnStart();
    }

    private sealed class ConfigureFromSection<TSettings>(IConfigurationSection section) : IConfigureOptions<TSettings>
        where TSettings : class
    {
        public void Configure(TSettings options)
        {
            // The binder passes over names that it does not know, and gives up at the first value that it cannot read.
            var (problems, values) = SectionReading.Read(section, typeof(TSettings));
            if (problems.Count > 0)
            {
                throw new OptionsValidationException(Options.DefaultName, typeof(TSettings), problems);
            }

            values.Bind(options);
        }
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
