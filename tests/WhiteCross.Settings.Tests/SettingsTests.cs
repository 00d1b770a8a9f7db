using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Settings.Tests;

public sealed class SettingsTests
{
    [Fact]
    public void Settings_that_are_right_are_read_and_what_is_left_out_keeps_its_default()
    {
        var settings = Read(("Mail:Port", "2525"), ("Mail:Idle", "00:00:05"), ("mail:security", "none"), ("Mail:Servers:0:Name", "a"), ("Mail:Share", ""));

        Assert.Equal((2525, TimeSpan.FromSeconds(5), Security.None, 0.5), (settings.Port, settings.Idle, settings.Security, settings.Share));
        Assert.Equal("a", Assert.Single(settings.Servers).Name);
    }

    [Theory]
    [InlineData("Mail:Port", "0", "Mail:Port is 0; it must be a whole number from 1 to 65535.")]
    [InlineData("Mail:Port", "many", "Mail:Port is 'many'; it must be a whole number from 1 to 65535.")]
    [InlineData("Mail:Port", "1.5", "Mail:Port is '1.5'; it must be a whole number from 1 to 65535.")]
    [InlineData("Mail:Port", "99999999999", "Mail:Port is '99999999999'; it must be a whole number from 1 to 65535.")]
    [InlineData("Mail:Port:0", "25", "Mail:Port must be one value: a whole number from 1 to 65535.")]
    [InlineData("Mail:Idle", "1.00:00:00", "Mail:Idle is 1.00:00:00; it must be a time from 00:00:01 to 00:10:00 (d.hh:mm:ss).")]
    [InlineData("Mail:Idle", "30s", "Mail:Idle is '30s'; it must be a time from 00:00:01 to 00:10:00 (d.hh:mm:ss).")]
    [InlineData("Mail:Share", "0", "Mail:Share is 0; it must be a number above 0 and at most 1.")]
    [InlineData("Mail:Share", "NaN", "Mail:Share is NaN; it must be a number above 0 and at most 1.")]
    [InlineData("Mail:Security", "7", "Mail:Security is 7; it must be one of Tls, None.")]
    [InlineData("Mail:Security", "ssl", "Mail:Security is 'ssl'; it must be one of Tls, None.")]
    [InlineData("Mail:Enabled", "yes", "Mail:Enabled is 'yes'; it must be true or false.")]
    [InlineData("Mail:From", "secret, and far too long a text", "Mail:From must be text of 1 to 20 characters.")]
    [InlineData("Mail:From", "", "Mail:From must be text of 1 to 20 characters.")]
    [InlineData("Mail:Password", "secret", "Mail:Password needs Mail:User.")]
    [InlineData("Mail:Prot", "25", "Mail:Prot is no setting; Mail:Port is.")]
    [InlineData("Mail:idle_", "25", "Mail:idle_ is no setting; Mail:Idle is.")]
    [InlineData("Mail:Servers:0:Nmae", "a", "Mail:Servers:0:Nmae is no setting; Mail:Servers:0:Name is.")]
    [InlineData("Mail:Servers:0:Weight", "heavy", "Mail:Servers:0:Weight is 'heavy'; it must be a whole number.")]
    [InlineData("Mail:Colour", "red", "Mail:Colour is no setting; Mail has Enabled, From, Idle, Password, Port, Security, Servers, Share, User.")]
    public void A_wrong_setting_is_named_with_its_value_and_what_is_allowed_but_no_text_is_repeated(string name, string value, string problem)
    {
        var exception = Assert.Throws<OptionsValidationException>(() => Read((name, value)));

        Assert.Equal(problem, Assert.Single(exception.Failures));
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var values = Assert.Throws<OptionsValidationException>(() => Read(("Mail:Port", "0"), ("Mail:Idle", "00:00:00"), ("Mail:Password", "secret")));
        Assert.Equal(["Mail:Port", "Mail:Idle", "Mail:Password"], values.Failures.Select(failure => failure.Split(' ')[0]));

        var texts = Assert.Throws<OptionsValidationException>(() => Read(("Mail:Port", "a"), ("Mail:Idel", "1")));
        Assert.Equal(["Mail:Idel", "Mail:Port"], texts.Failures.Select(failure => failure.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Concurency", "Concurrency")]
    [InlineData("back_off_delay", "BackoffDelay")]
    [InlineData("Atempts", "Attempts")]
    [InlineData("Attepmts", "Attempts")]
    [InlineData("Colour", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_found_if_it_is_near_enough(string written, string? nearest) =>
        Assert.Equal(nearest, NearestName.Find(written, ["Concurrency", "BackoffDelay", "Attempts"]));

    private static MailSettings Read(params (string Name, string Value)[] values)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Name, (string?)value.Value))).Build());
        services.AddSettings<MailSettings>("Mail");
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<MailSettings>>().Value;
    }

    internal enum Security
    {
        Tls,
        None,
    }

    internal sealed class MailSettings : ICheckedSettings
    {
        [Range(1, 65_535)]
        public int Port { get; set; } = 25;

        [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
        public TimeSpan Idle { get; set; } = TimeSpan.FromSeconds(30);

        [Range(0d, 1d, MinimumIsExclusive = true)]
        public double Share { get; set; } = 0.5;

        public Security Security { get; set; }

        public bool Enabled { get; set; } = true;

        [Required, StringLength(20)]
        public string From { get; set; } = "a@example.org";

        public string? User { get; set; }

        public string? Password { get; set; }

        public IList<Server> Servers { get; } = [];

        public bool HasServers => Servers.Count > 0;

        public IEnumerable<string> Problems(string section)
        {
            if (Password is not null && User is null)
            {
                yield return $"{section}:Password needs {section}:User.";
            }
        }
    }

    internal sealed class Server
    {
        public string Name { get; set; } = string.Empty;

        public int Weight { get; set; }
    }
}
