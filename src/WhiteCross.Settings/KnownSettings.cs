using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Settings;

/// <summary>
/// The names that settings of an application may have, so that a typing error in any is found at start. Names of others (the frameworks', the shell's) are
/// passed over, unless they are so near to one of ours that they are meant to be it.
/// </summary>
public static class KnownSettings
{
    /// <summary>Names a section with the settings in it, where no <see cref="SettingsExtensions.AddSettings{TSettings}"/> does.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="section">The section, for example <c>Database</c>.</param>
    /// <param name="names">The settings in it.</param>
    public static IServiceCollection AddKnownSection(this IServiceCollection services, string section, params IEnumerable<string> names) =>
        services.AddKnown(new KnownSection(section, null, [.. names]));

    /// <summary>Names a section that holds a section of the same settings for each of some names.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="section">The section, for example <c>Queues</c>.</param>
    /// <param name="type">The settings of each.</param>
    /// <param name="names">The names.</param>
    public static IServiceCollection AddKnownSection(this IServiceCollection services, string section, Type type, IEnumerable<string> names) =>
        services.AddKnown(new KnownSection(section, type, [.. names]));

    /// <summary>Names single settings that begin alike, for example <c>REDIS_</c>.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="prefix">What they begin with.</param>
    /// <param name="names">Their whole names.</param>
    public static IServiceCollection AddKnownNames(this IServiceCollection services, string prefix, params IEnumerable<string> names) =>
        services.AddKnown(new KnownNames(prefix, [.. names]));

    internal static IServiceCollection AddKnown<TKnown>(this IServiceCollection services, TKnown known)
        where TKnown : class
    {
        if (!services.Any(service => Equals(service.ImplementationInstance, known)))
        {
            services.AddSingleton(known);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<Check>, CheckNames>());
        services.AddOptions<Check>().ValidateOnStart();
        return services;
    }

    /// <summary>Nothing but something to hang the check at start-up on.</summary>
    internal sealed class Check;

    private sealed class CheckNames(IConfiguration configuration, IEnumerable<KnownSection> sections, IEnumerable<KnownNames> names) : IValidateOptions<Check>
    {
        public ValidateOptionsResult Validate(string? name, Check options)
        {
            var known = sections.ToLookup(section => section.Name, StringComparer.OrdinalIgnoreCase);
            List<string> problems = [];
            foreach (var child in configuration.GetChildren())
            {
                if (known.Contains(child.Key))
                {
                    problems.AddRange(ProblemsIn(child, [.. known[child.Key]]));
                }
                else if (child.GetChildren().Any())
                {
                    if (NearestName.Find(child.Key, known.Select(one => one.Key)) is { } nearest)
                    {
                        problems.Add($"{child.Key} is no section of settings; {nearest} is.");
                    }
                }
                else if (names.FirstOrDefault(family => child.Key.StartsWith(family.Prefix, StringComparison.OrdinalIgnoreCase)) is { } family
                    && !family.Names.Contains(child.Key, StringComparer.OrdinalIgnoreCase)
                    && NearestName.Find(child.Key[family.Prefix.Length..], family.Names.Select(own => own[family.Prefix.Length..])) is { } meant)
                {
                    problems.Add($"{child.Key} is no setting; {family.Prefix}{meant} is.");
                }
            }

            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }

        // A section of a type is read, and with it checked, where its settings are; here it is only known.
        private static IEnumerable<string> ProblemsIn(IConfigurationSection section, KnownSection[] known)
        {
            string[] names = [.. known.SelectMany(one => one.Names)];
            if (names.Length == 0)
            {
                yield break;
            }

            foreach (var child in section.GetChildren())
            {
                if (!names.Any(own => own.Equals(child.Key, StringComparison.OrdinalIgnoreCase)
                    || UnderscoredNames.Underscored(own).Equals(child.Key, StringComparison.OrdinalIgnoreCase)))
                {
                    yield return NearestName.Find(child.Key, names) is { } nearest
                        ? $"{child.Path} is no setting; {section.Path}:{nearest} is."
                        : $"{child.Path} is no setting; {section.Path} has {string.Join(", ", names.Order(StringComparer.Ordinal))}.";
                }
            }
        }
    }
}

/// <summary>A section of settings that an application reads.</summary>
/// <param name="Name">The section's name.</param>
/// <param name="Type">The settings; null where they are no object.</param>
/// <param name="Names">The names in the section; with a type, those that have a section of it each. Empty: the section is the type's.</param>
public sealed record KnownSection(string Name, Type? Type, IReadOnlyList<string> Names)
{
    /// <inheritdoc/>
    public bool Equals(KnownSection? other) => other is not null && Name == other.Name && Type == other.Type && Names.SequenceEqual(other.Names);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, Names.Count);
}

/// <summary>Single settings that begin alike.</summary>
internal sealed record KnownNames(string Prefix, IReadOnlyList<string> Names)
{
    public bool Equals(KnownNames? other) => other is not null && Prefix == other.Prefix && Names.SequenceEqual(other.Names);

    public override int GetHashCode() => Prefix.GetHashCode(StringComparison.Ordinal);
}
