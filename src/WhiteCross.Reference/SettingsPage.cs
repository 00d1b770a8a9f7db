using System.Text;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Settings;

namespace WhiteCross.Reference;

/// <summary>Every setting of every service.</summary>
internal static class SettingsPage
{
    public static string Render(Sources sources, DescribedSystem system)
    {
        var page = new StringBuilder("""
            A setting `Section:Name` is given in `appsettings.json`, in the environment, or on the command line; the later of these overrides the earlier. What is wrong
            ends the start, with a line each that has the setting's name and what is allowed.

            | where | `Queues:message-delivery:Concurrency` = 20 |
            | --- | --- |
            | `appsettings.json` | `{ "Queues": { "message-delivery": { "Concurrency": 20 } } }` |
            | environment, in a shell | `export Queues__message_delivery__Concurrency=20` (names with hyphens are written with underscores) |
            | `dapr.yaml` | `env: { Queues__message-delivery__Concurrency: "20" }` |
            | Kubernetes, in the container's `env` | `- { name: Queues__message-delivery__Concurrency, value: "20" }` |
            | Kubernetes, a secret | `- { name: Email__Password, valueFrom: { secretKeyRef: { name: smtp, key: password } } }` |
            | command line | `--Queues:message-delivery:Concurrency=20` |

            Items of a list have numbers from 0: `Access:ApiKeys:0:Name`, `Access__ApiKeys__0__Name`. Times are `d.hh:mm:ss`: `00:00:30`, `7.00:00:00`.


            """);
        page.AppendLine("## Single settings").AppendLine();
        ReferencePages.AddTable(page, ["setting", "read by", "default", "meaning"], SingleSettings.All.Select(setting => new[]
        {
            $"`{setting.Name}`", setting.Services, setting.Default, setting.Meaning,
        }));
        var unknown = sources.SettingNames.Except(SingleSettings.All.Select(setting => setting.Name)).Where(name => name is not "ConnectionStrings:").ToList();
        if (unknown.Count > 0)
        {
            throw new InvalidOperationException($"SingleSettings.cs does not tell of {string.Join(", ", unknown)}.");
        }

        foreach (var section in system.Sections.Where(one => one.Section.Type is not null).GroupBy(one => one.Section).OrderBy(one => one.Key.Name, StringComparer.Ordinal))
        {
            Add(page, sources, section.Key, [.. section.Select(one => one.Service).Distinct()]);
        }

        return page.ToString();
    }

    private static void Add(StringBuilder page, Sources sources, KnownSection section, string[] services)
    {
        var path = section.Names.Count == 0 ? section.Name : $"{section.Name}:{{name}}";
        var readers = services.Length > JobQueues.All.Count ? "every service" : string.Join(", ", services);
        page.AppendLine($"## {path}").AppendLine()
            .AppendLine($"Read by {readers}. {sources.Of(section.Type!)}").AppendLine();
        if (section.Names.Count > 0)
        {
            page.AppendLine($"Names: {string.Join(", ", section.Names.Select(name => $"`{name}`"))}.").AppendLine();
        }

        var settings = SettingDescription.Of(section.Type!);
        ReferencePages.AddTable(page, ["setting", "what it may be", "default", "meaning"], settings.Select(setting => new[]
        {
            $"`{setting.Name}`", setting.Allowed, DefaultOf(section, setting), sources.Of(setting.Property.DeclaringType!, setting.Property.Name),
        }));
        if (settings.Count > 0)
        {
            var one = settings.FirstOrDefault(setting => setting.Default is not null) ?? settings[0];
            var name = $"{path.Replace("{name}", section.Names.Count > 0 ? section.Names[0] : string.Empty, StringComparison.Ordinal)}:{one.Name}";
            var value = one.Default ?? "…";
            var variable = name.Replace(":", "__", StringComparison.Ordinal);
            page.AppendLine($$"""
                ```yaml
                # in a shell:    export {{variable.Replace('-', '_')}}={{value}}
                # in dapr.yaml:
                env: { {{variable}}: "{{value}}" }
                # in Kubernetes:
                env: [{ name: {{variable}}, value: "{{value}}" }]
                ```

                """);
        }
    }

    // A queue's defaults are its own.
    private static string DefaultOf(KnownSection section, SettingDescription setting)
    {
        if (section.Type != typeof(QueueOptions))
        {
            return setting.Default ?? "none";
        }

        var values = JobQueues.All.Select(queue => (queue.Name, Value: setting.Property.GetValue(JobQueues.DefaultOptions(queue.Name))?.ToString() ?? "none")).ToList();
        return values.Select(value => value.Value).Distinct().Count() == 1
            ? values[0].Value
            : string.Join("; ", values.GroupBy(value => value.Value).Select(group => $"{group.Key}: {string.Join(", ", group.Select(value => value.Name))}"));
    }
}
