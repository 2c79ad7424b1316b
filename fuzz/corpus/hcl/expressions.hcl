a = [for i, v in var.list : "${i}-${v}" if v != null]
b = {for k, v in {x = 1, y = 2} : v => k...}
c = <<-EOT
    %{ for x in [1, 2] ~}
    - ${x}
    %{ endfor ~}
  EOT
d = true ? upper(var.text) : format("%05.2f %q", 1.5, "x")
e = [{a = 1}][*].a
f = try(jsondecode("{\"a\": [1]}").a[0], cidrsubnet("10.0.0.0/8", 8, 2))
g = "$${literal} %%{literal} \u00e9 ${attr.kernel.name} ${env["A.B"]}"
h = regex_replace("a1", "[0-9]", "<$0>")
i = yamldecode("a: &x [1]\nb: *x")
j = setproduct([1, 2], ["a"])
k = formatdate("YYYY-MM-DD", "2018-01-02T23:12:01Z")
