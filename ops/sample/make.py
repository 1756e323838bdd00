#!/usr/bin/python3
"""make.py: the sample input of this folder. Run it here; the same seed gives the same bytes.

    ops/sample/make.py [--out FOLDER] [--seed N]

The units are real; the people, their posts' holders and all values are made up.
"""
import argparse
import csv
import io
import pathlib
import random

PROVINCE = "94"
DISTRICTS = [("948", "Thị xã Ngã Năm"), ("945", "Huyện Cù Lao Dung"), ("947", "Huyện Mỹ Xuyên")]
COMMUNES = [  # code, name, district; whether units.csv, the small tree, has it too
    ("31741", "Xã Tân Long", "948", True),
    ("31753", "Xã Mỹ Quới", "948", True),
    ("31633", "Xã An Thạnh 3", "945", True),
    ("31714", "Xã Thạnh Quới", "947", True),
    ("31732", "Phường 1", "948", True),
    ("31618", "Xã An Thạnh 1", "945", False),
    ("31627", "Xã Đại Ân 1", "945", False),
    ("31684", "Thị trấn Mỹ Xuyên", "947", False),
    ("31690", "Xã Đại Tâm", "947", False),
    ("31720", "Xã Gia Hòa 1", "947", False),
]
DEPARTMENTS = [("SNV", "Sở Nội vụ"), ("STC", "Sở Tài chính"), ("SYT", "Sở Y tế")]
# Whose sheets show a part of the staff, and whose the whole of it. Parts come first: they keep their
# bytes when a whole one is added.
PARTLY = ["31741", "31753", "31633", "31714", "SNV", "STC"]
WHOLLY = ["31732", "31618", "31627", "31684", "31690", "SYT"]

# The leaves of soctrang-2023: those of plan 000 in its order, and one of its own for everyone.
BONUS = "B1"
COLLECTIVE = "C1.1 C1.2 C1.3 C1.4 C1.5 C2.1 C2.2 C2.3 C3 C4.1 C4.2 C5".split() + [BONUS]
INDIVIDUAL = ("I1.1 I1.2 I1.3 I1.4 I2.1 I2.2 I2.3 I3.1 I3.2 I3.3 I3.4 I4.1 I4.2 I4.3 I4.4 "
              "I5.1 I5.2 I5.3 I5.4 I5.5 I5.6 I6.1 I6.2 I6.3 I7").split() + [BONUS]
LEADER_ONLY = {"I3.4", "I4.4"}
UNIFORMED_ONLY = {"I6.3"}
# The leaves of soctrang-mo-hinh, for collectives only: met or not, and three measured aims.
CONTENTS = "N1 N2 N3".split()
AIMS = {"K1": (0, 1, 1, 1, 1, 2, 3), "K2": range(7900, 9900, 25), "K3": range(7100, 9500, 25)}
MODELS = ["SNV", "STC"] + [code for code, _ in DISTRICTS]
# The points of the profile soctrang-2023-points, in hundredths; a leaf by itself, else its first
# letter. C2.3 has no threshold: met or not.
MET = {"C2.3"}
MAXIMUM = {"C": 800, "C2.1": 1000, "C2.2": 1000, "C3": 1000, "C4.1": 500, "C4.2": 500, "C5": 1000,
           "I": 400, "B": 500}

SURNAMES = ("Nguyễn Nguyễn Nguyễn Trần Trần Lê Lê Phạm Huỳnh Phan Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý "
            "Trương Lâm Mai Tô Châu Quách Trịnh Cao Đinh Tăng Ong Từ").split()
KHMER_SURNAMES = "Thạch Sơn Kim Danh Lâm Lý Trà Kiên".split()
MEN = ("Văn Hùng,Minh Khoa,Hoàng Phúc,Thanh Tùng,Quốc Việt,Hữu Nghĩa,Chí Công,Trung Kiên,Tấn Đạt,"
       "Công Danh,Văn Út,Phước Lộc,Nhựt Trường,Thành Nhân,Minh Luân,Hoài Nam,Văn Sáu,Đức Thịnh,"
       "Hải Đăng,Quang Vinh,Thiện Tâm,Ngọc Ẩn,Trường Giang,Bá Thọ,Văn Đực,Khánh Duy,Hồng Quân,"
       "Thái Bình,Xuân Lợi,Vũ Linh").split(",")
WOMEN = ("Thị Kim Ngân,Thị Mỹ Duyên,Thị Bích Tuyền,Ngọc Hân,Thị Thúy Kiều,Thị Cẩm Tú,Yến Nhi,"
         "Thị Hồng Nhung,Thị Diễm My,Thị Út Mười,Thị Lệ Thu,Thị Ngọc Giàu,Thị Thu Ba,Huỳnh Như,"
         "Thị Phượng Hằng,Thị Trúc Ly,Thị Mộng Tuyền,Thị Ánh Nguyệt,Kiều Oanh,Thị Tố Quyên,"
         "Thị Bé Sáu,Thị Xuân Đào,Thị Hoàng Oanh,Thị Đẹp,Mỹ Hạnh,Thị Thanh Thảo").split(",")
KHMER_MEN = "Sa Rinh,Ngọc Sang,Si Tha,Phol,Hoàng Sết,Sà Quên,Minh Đức".split(",")
KHMER_WOMEN = "Thị Sa Ry,Thị Si Phone,Thị Na Rinh,Thị Thu Hà,Thị Sà Mươl".split(",")
# More given names, for those whose whole staff is here.
MORE = {
    "MEN": "Minh Triết,Văn Bé,Hữu Phước,Tấn Lực,Thanh Liêm,Gia Bảo,Văn Chiến,Quốc Thái,Phú Quí,Minh Tâm,"
         "Thanh Hải,Văn Thắng,Hoàng Anh,Đăng Khoa,Văn Mười,Trọng Nhân,Chí Thanh,Thế Hiển,Văn Dũng,"
         "Công Bình".split(","),
    "WOMEN": "Thị Kim Loan,Thị Cẩm Giang,Thị Huỳnh Mai,Thị Ngọc Ánh,Thị Bảo Trân,Thị Chín,Thị Thanh Tâm,"
           "Thị Mỹ Xuyên,Thị Tuyết Minh,Thị Ngọc Trinh,Thị Hiền,Thị Kiều Diễm,Phương Thảo,"
           "Thị Thu Cúc,Thị Mai Lan,Thị Ngọc Diệp".split(","),
    "KHMER_MEN": "Sóc Kha,Đa Ra,Sà Rương,Hoàng Phol,Minh Sang,Sa Mết,Chanh Đa,Tha Ra,Văn Kiên,Sa Rích,"
               "Ngọc Hùng".split(","),
    "KHMER_WOMEN": "Thị Sô Phi,Thị Đa Ni,Thị Sà Rây,Thị Ngọc Thơ,Thị Chanh Thi,Thị Sa Na,Thị Kim Sêne,"
                 "Thị Bopha,Thị Mỹ Linh,Thị Sóc Kha".split(","),
}

# Posts: what the sheet calls it, class, leader, uniformed, how likely a woman holds it.
COMMUNE_POSTS = [
    ("Bí thư Đảng ủy", "can-bo", True, False, 0.3),
    ("Chủ tịch UBND", "can-bo", True, False, 0.2),
    ("Phó Chủ tịch UBND", "can-bo", True, False, 0.4),
    ("Chủ tịch Ủy ban MTTQ Việt Nam", "can-bo", True, False, 0.4),
    ("Chủ tịch Hội Liên hiệp Phụ nữ", "can-bo", True, False, 1),
    ("Trưởng Công an", "cong-chuc", True, True, 0),
    ("Chỉ huy trưởng Ban Chỉ huy Quân sự", "cong-chuc", True, True, 0),
    ("Công chức Văn phòng – Thống kê", "cong-chuc", False, False, 0.6),
    ("Công chức Tư pháp – Hộ tịch", "cong-chuc", False, False, 0.6),
    ("Công chức Tài chính – Kế toán", "cong-chuc", False, False, 0.8),
    ("Công chức Văn hóa – Xã hội", "cong-chuc", False, False, 0.5),
    ("Văn thư – Lưu trữ", "khong-chuyen-trach", False, False, 0.9),
    ("Trưởng ấp", "truong-ap", True, False, 0.2),
    ("Phó Trưởng ấp", "pho-ap", False, False, 0.4),
]
DEPARTMENT_POSTS = [
    ("Giám đốc", "cong-chuc", True, False, 0.2),
    ("Phó Giám đốc", "cong-chuc", True, False, 0.4),
    ("Chánh Văn phòng", "cong-chuc", True, False, 0.5),
    ("Chánh Thanh tra", "cong-chuc", True, True, 0.2),
    ("Trưởng phòng", "cong-chuc", True, False, 0.4),
    ("Phó Trưởng phòng", "cong-chuc", True, False, 0.5),
    ("Chuyên viên chính", "cong-chuc", False, False, 0.5),
    ("Chuyên viên", "cong-chuc", False, False, 0.6),
    ("Chuyên viên", "cong-chuc", False, False, 0.6),
    ("Thanh tra viên", "cong-chuc", False, True, 0.4),
    ("Kế toán", "cong-chuc", False, False, 0.9),
    ("Nhân viên Văn thư – Lưu trữ", "vien-chuc", False, False, 0.9),
]
WHOLE_COMMUNE_POSTS = COMMUNE_POSTS[:7] + [
    ("Phó Bí thư Thường trực Đảng ủy", "can-bo", True, False, 0.4),
    ("Phó Chủ tịch HĐND", "can-bo", True, False, 0.4),
    ("Phó Chủ tịch UBND", "can-bo", True, False, 0.3),
    ("Chủ tịch Hội Nông dân", "can-bo", True, False, 0.2),
    ("Chủ tịch Hội Cựu chiến binh", "can-bo", True, False, 0),
    ("Bí thư Đoàn Thanh niên", "can-bo", True, False, 0.5),
] + COMMUNE_POSTS[7:11] + [
    ("Công chức Văn phòng – Thống kê", "cong-chuc", False, False, 0.6),
    ("Công chức Địa chính – Xây dựng", "cong-chuc", False, False, 0.2),
    ("Công chức Địa chính – Nông nghiệp", "cong-chuc", False, False, 0.3),
    ("Công chức Văn hóa – Xã hội", "cong-chuc", False, False, 0.7),
    ("Phó Trưởng Công an", "cong-chuc", True, True, 0),
    ("Công an viên thường trực", "cong-chuc", False, True, 0.1),
    ("Công an viên thường trực", "cong-chuc", False, True, 0.1),
    ("Phó Chỉ huy trưởng Ban Chỉ huy Quân sự", "khong-chuyen-trach", True, True, 0),
    ("Văn thư – Lưu trữ", "khong-chuyen-trach", False, False, 0.9),
    ("Văn phòng Đảng ủy", "khong-chuyen-trach", False, False, 0.7),
    ("Tuyên giáo – Dân vận", "khong-chuyen-trach", False, False, 0.5),
    ("Phó Chủ tịch Ủy ban MTTQ Việt Nam", "khong-chuyen-trach", False, False, 0.4),
    ("Phó Chủ tịch Hội Liên hiệp Phụ nữ", "khong-chuyen-trach", False, False, 1),
    ("Phó Chủ tịch Hội Nông dân", "khong-chuyen-trach", False, False, 0.3),
    ("Phó Bí thư Đoàn Thanh niên", "khong-chuyen-trach", False, False, 0.5),
    ("Chủ tịch Hội Người cao tuổi", "khong-chuyen-trach", False, False, 0.1),
]
WHOLE_DEPARTMENT_POSTS = DEPARTMENT_POSTS + [
    ("Phó Giám đốc", "cong-chuc", True, False, 0.3),
    ("Trưởng phòng", "cong-chuc", True, False, 0.4),
    ("Trưởng phòng", "cong-chuc", True, False, 0.4),
    ("Phó Trưởng phòng", "cong-chuc", True, False, 0.5),
] + [("Chuyên viên", "cong-chuc", False, False, 0.5)] * 8 + [
    ("Thanh tra viên", "cong-chuc", False, True, 0.4),
    ("Nhân viên Lái xe", "vien-chuc", False, False, 0),
]
COMMUNE_BODIES = [("DU", "Đảng ủy", "co-quan-dang"), ("MT", "Ủy ban MTTQ Việt Nam", "mat-tran"),
                  ("CA", "Công an", "cong-an")]
WHOLE_COMMUNE_BODIES = COMMUNE_BODIES + [
    ("QS", "Ban Chỉ huy Quân sự", "quan-su"), ("PN", "Hội Liên hiệp Phụ nữ", "doan-the"),
    ("ND", "Hội Nông dân", "doan-the"), ("CCB", "Hội Cựu chiến binh", "doan-the"),
    ("DTN", "Đoàn Thanh niên", "doan-the")]
HAMLETS = {"31741": "Ban nhân dân ấp Long Hòa", "31753": "Ban nhân dân ấp Mỹ Thành",
           "31633": "Ban nhân dân ấp An Quới", "31714": "Ban nhân dân ấp Đào Viên"}
# Hamlets (ấp, in towns khóm) of those whose whole staff is here; the names are made up.
WHOLE_HAMLETS = {
    "31732": [f"khóm {i}" for i in range(1, 7)],
    "31618": "ấp An Trung,ấp An Thường,ấp An Phú,ấp An Lạc,ấp Phước Hòa,ấp Vàm Tắc,ấp Rạch Già".split(","),
    "31627": "ấp Đoàn Văn Tố,ấp Nguyễn Tăng,ấp Sáu Thử,ấp Rạch Chốt,ấp Bình Danh,ấp Hòa Bình".split(","),
    "31684": "ấp Chợ Cũ,ấp Châu Thành,ấp Hòa Mỹ,ấp Thạnh Lợi,ấp Phước Kiện,ấp Vườn Xoài,ấp Cầu Đồn".split(","),
    "31690": "ấp Đại Chí,ấp Đại Nghĩa Thắng,ấp Đại Ân,ấp Tâm Lộc,ấp Tâm Phước,ấp Tâm Thọ,ấp Salôn".split(","),
}
DEPARTMENT_BODIES = {
    "SNV": [("VP", "Văn phòng Sở"), ("TTR", "Thanh tra Sở"), ("XDCQ", "Phòng Xây dựng chính quyền"),
            ("CCHC", "Phòng Cải cách hành chính")],
    "STC": [("VP", "Văn phòng Sở"), ("TTR", "Thanh tra Sở"), ("QLNS", "Phòng Quản lý ngân sách"),
            ("GCS", "Phòng Quản lý giá – công sản")],
    "SYT": [("VP", "Văn phòng Sở"), ("TTR", "Thanh tra Sở"), ("NVY", "Phòng Nghiệp vụ Y"),
            ("NVD", "Phòng Nghiệp vụ Dược"), ("KHTC", "Phòng Kế hoạch – Tài chính")],
}
DISTRICT_BODIES = [
    ("VP", "Văn phòng HĐND và UBND"), ("NV", "Phòng Nội vụ"), ("TCKH", "Phòng Tài chính – Kế hoạch"),
    ("TNMT", "Phòng Tài nguyên và Môi trường"), ("TP", "Phòng Tư pháp"), ("TTR", "Thanh tra")]
NOTES = {
    "C1.3": "Quyết toán chậm 05 ngày so với quy định",
    "C2.1": "Thiếu 02 thủ tục mới công bố, đã bổ sung tháng 10/2023",
    "C2.2": "Còn 03 hồ sơ trễ hẹn trong quý II/2023",
    "C2.3": "Kế hoạch chưa ghi tỷ lệ cắt giảm",
    "C3": "Đường truyền yếu, một phần hồ sơ còn nộp giấy",
    "C4.2": "Đang sửa chữa trụ sở, hoàn thành tháng 11/2023",
    "I1.2": "Hai lần họp trễ, đã kiểm điểm trước tập thể",
    "I2.1": "Chưa hoàn thành lớp bồi dưỡng ngạch chuyên viên",
    "I3.3": "Một phản ánh của người dân, đã xin lỗi bằng văn bản",
    "I5.4": "Đã được nhắc nhở về phát ngôn trên mạng xã hội",
    "I6.1": "Nhắc nhở một lần về thẻ công chức",
}

# How each unit's office keeps its values: separator, decimal mark, BOM, line end, form.
FORMS = {
    "31741": (",", ".", False, "\n", "long"),
    "31753": (";", ",", True, "\n", "long"),
    "31633": (",", ",", False, "\r\n", "long"),
    "31714": (",", ".", False, "\n", "wide"),
    "SNV": (",", "both", False, "\n", "long"),
    "STC": (";", ",", False, "\r\n", "long"),
    "31732": (";", ",", False, "\r\n", "wide"),
    "31618": (",", ".", False, "\n", "wide"),
    "31627": ("\t", ",", False, "\n", "wide"),
    "31684": (";", ",", True, "\r\n", "wide"),
    "31690": (",", ".", True, "\n", "wide"),
    "SYT": (";", ",", False, "\n", "wide"),
}
AMENDED = "SNV"


class People:
    """Names, each given out once."""

    def __init__(self, rng):
        self.rng, self.used, self.more = rng, set(), False

    def name(self, woman, khmer):
        """A name that nobody has; one whose given name nobody has where that is easily found."""
        surnames = KHMER_SURNAMES if khmer else SURNAMES
        givens = (KHMER_WOMEN if khmer else WOMEN) if woman else (KHMER_MEN if khmer else MEN)
        if self.more:
            givens = givens + MORE[("KHMER_" if khmer else "") + ("WOMEN" if woman else "MEN")]
        for attempt in range(1000):
            given = self.rng.choice(givens)
            name = f"{self.rng.choice(surnames)} {given}"
            if name not in self.used and (given not in self.used or attempt > 20):
                self.used |= {name, given}
                return name
        raise SystemExit("make.py: out of names")


def bodies_of(unit):
    if unit in DEPARTMENT_BODIES:
        return [(code, name, "phong-ban") for code, name in DEPARTMENT_BODIES[unit]]
    if unit in HAMLETS:
        return COMMUNE_BODIES + [("AP1", HAMLETS[unit], "ban-nhan-dan-ap")]
    return WHOLE_COMMUNE_BODIES + [(f"AP{i}", f"Ban nhân dân {name}", "ban-nhan-dan-ap")
                                   for i, name in enumerate(WHOLE_HAMLETS[unit], 1)]


def posts_of(unit):
    if unit in DEPARTMENT_BODIES:
        return DEPARTMENT_POSTS if unit in PARTLY else WHOLE_DEPARTMENT_POSTS
    if unit in PARTLY:
        return COMMUNE_POSTS
    posts = list(WHOLE_COMMUNE_POSTS)
    for name in WHOLE_HAMLETS[unit]:
        kind = name.split()[0]
        posts += [(f"Trưởng {name}", "truong-ap", True, False, 0.2),
                  (f"Phó Trưởng {name}", "pho-ap", False, False, 0.4)]
        if kind == "ấp":
            posts.append((f"Trưởng Ban công tác Mặt trận {name}", "khong-chuyen-trach", False, False, 0.3))
    return posts


def subjects_of(unit, people, rng):
    """Rows code, kind, class, name, unit, leader, uniformed, position."""
    rows = []
    is_commune = unit not in DEPARTMENT_BODIES
    for code, name, kind in bodies_of(unit):
        rows.append([code, "collective", kind, name, unit, "", "", ""])
    for i, (post, kind, leader, uniformed, women) in enumerate(posts_of(unit), 1):
        khmer = rng.random() < (0.3 if is_commune else 0.12)
        name = people.name(rng.random() < women, khmer)
        # The office of Thạnh Quới numbers its people 001, 002 …: codes are text.
        code = f"{i:03d}" if unit == "31714" else f"CN{i:02d}"
        rows.append([code, "individual", kind, name, unit, "yes" if leader else "no",
                     "yes" if uniformed else "no", post])
    return rows


def leaves_for(row):
    if row[1] == "collective":
        return COLLECTIVE
    return [c for c in INDIVIDUAL if (row[5] == "yes" or c not in LEADER_ONLY)
            and (row[6] == "yes" or c not in UNIFORMED_ONLY)]


def maximum(leaf):
    return MAXIMUM.get(leaf, MAXIMUM[leaf[0]])


def one_value(leaf, share, rng):
    """(value, note) of one cell; the value is in hundredths, or whether it is met."""
    if leaf in MET:
        met = rng.random() < 0.85
        return met, "" if met else NOTES[leaf]
    if leaf == BONUS:
        points = rng.choice((0,) * 7 + (200, 300, 500))
        return points, "Sáng kiến được công nhận cấp cơ sở" if points else ""
    points = int(maximum(leaf) * min(1, max(0.4, share)))
    points -= points % rng.choice((25, 50, 50, 50, 100, 100))
    return points, NOTES.get(leaf, "") if points < maximum(leaf) * 0.72 else ""


def values_of(unit, subjects, rng):
    """{(subject, criterion): (value, note)} for the unit itself and each of its subjects."""
    values = {}
    level = rng.choice((0.88, 0.92, 0.95))
    for row in [[unit, "collective", "", "", unit, "", "", ""]] + subjects:
        own = level + rng.choice((-0.06, -0.02, 0, 0, 0.03, 0.06))
        for leaf in leaves_for(row):
            share = own + rng.choice((-0.18, -0.1, -0.05, 0, 0, 0.05, 0.05, 0.1, 0.1))
            values[row[0], leaf] = one_value(leaf, share, rng)
    return values


def typed(value, mark, rng):
    """A value as the office types it."""
    if isinstance(value, bool):
        return "đạt" if value else "không đạt"
    text = f"{value / 100:.2f}".rstrip("0").rstrip(".")
    if mark == "both":
        mark = rng.choice(",.")
    return text.replace(".", mark)


def write(path, rows, separator=",", bom=False, end="\n"):
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=end).writerows(rows)
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode())


def write_values(path, unit, subjects, values, rng):
    separator, mark, bom, end, form = FORMS[unit]
    if form == "wide":
        names = {unit: {c[0]: c[1] for c in COMMUNES + DEPARTMENTS}[unit], **{r[0]: r[3] for r in subjects}}
        leaves = [c for c in COLLECTIVE if c != BONUS] + INDIVIDUAL
        rows = [["subject", "name", *leaves]]
        for code, name in names.items():
            cells = [values.get((code, leaf)) for leaf in leaves]
            rows.append([code, name, *(typed(v[0], mark, rng) if v else "" for v in cells)])
    else:
        rows = [["subject", "criterion", "value", "note"]]
        for (code, leaf), (value, note) in values.items():
            rows.append([code, leaf, typed(value, mark, rng), note])
    write(path, rows, separator, bom, end)


def write_units(out):
    head = ["code", "parent", "level", "kind", "name", "group"]
    root = [PROVINCE, "", "province", "state", "Tỉnh Sóc Trăng", ""]
    offices = [[code, PROVINCE, "department", "state", name, "khoi-so"]
               for code, name in DEPARTMENTS]
    write(out / "units.csv", [head, root] + [
        [code, PROVINCE, "commune", "state", name, "khoi-xa"]
        for code, name, _, small in COMMUNES if small] + offices)
    districts = [[code, PROVINCE, "district", "state", name, "khoi-huyen"]
                 for code, name in DISTRICTS]
    write(out / "units-3-levels.csv", [head, root] + districts + [
        [code, district, "commune", "state", name, "khoi-xa"]
        for code, name, district, _ in COMMUNES] + offices)


def amend(values, rng):
    """A few values as the office corrects them later: up where there is room, else down."""
    changed = dict(values)
    points = sorted(key for key in values if key[1] not in MET and key[1] != BONUS)
    for key in rng.sample(points, 6):
        value = values[key][0]
        changed[key] = (value + 50 if value + 50 <= maximum(key[1]) else value - 100,
                        "Điều chỉnh theo biên bản họp ngày 11/12/2023")
    return changed


SUBJECT_HEAD = ["code", "kind", "class", "name", "unit", "leader", "uniformed", "position"]


def write_office(out, unit, people, seed):
    rng = random.Random(f"{seed}/{unit}")
    subjects = subjects_of(unit, people, rng)
    write(out / f"subjects-{unit}.csv", [SUBJECT_HEAD, *subjects])
    values = values_of(unit, subjects, rng)
    marks = f"{seed}/{unit}/marks"
    write_values(out / f"values-{unit}.csv", unit, subjects, values, random.Random(marks))
    if unit == AMENDED:
        write_values(out / f"values-{unit}-2.csv", unit, subjects, amend(values, rng),
                     random.Random(marks))


def write_models(out, unit, seed):
    """What a unit reports of its models of office culture: for itself and each of its bodies."""
    rng = random.Random(f"{seed}/{unit}/models")
    bodies = DEPARTMENT_BODIES.get(unit, DISTRICT_BODIES)
    if unit not in DEPARTMENT_BODIES:
        write(out / f"subjects-{unit}.csv", [SUBJECT_HEAD] + [
            [code, "collective", "phong-ban", name, unit, "", "", ""] for code, name in bodies])
    rows = [["subject", "criterion", "value", "note"]]
    for code in [unit] + [code for code, _ in bodies]:
        count = rng.choice(AIMS["K1"]) + (code == unit)
        rows.append([code, "N1", "đạt" if count else "không đạt", ""])
        rows += [[code, leaf, "đạt" if rng.random() < 0.85 else "không đạt", ""]
                 for leaf in CONTENTS[1:]]
        rows.append([code, "K1", str(count), ""])
        rows += [[code, leaf, typed(rng.choice(AIMS[leaf]), ",", rng), ""] for leaf in ("K2", "K3")]
    write(out / f"values-{unit}-mo-hinh.csv", rows)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--out", default=pathlib.Path(__file__).resolve().parent, type=pathlib.Path)
    p.add_argument("--seed", default=2023, type=int)
    opts = p.parse_args()
    print(f"seed {opts.seed}")
    write_units(opts.out)
    people = People(random.Random(opts.seed))
    for unit in PARTLY + WHOLLY:
        people.more = unit in WHOLLY
        write_office(opts.out, unit, people, opts.seed)
    for unit in MODELS:
        write_models(opts.out, unit, opts.seed)


main()
